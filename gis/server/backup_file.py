"""A backup in one file: pg_dump's custom format with a sealed tail.

    dump … | manifest (JSON) | magic (8) | manifest length (4, big-endian) | SHA-256 of all before

pg_restore reads such a file as it is, for it ignores what follows the dump. The tail tells a whole
file from a torn or altered one without a second file that could get lost.
"""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.errors import Problem
from gis.refusals.database import BACKUP_BROKEN

_MAGIC = b"GFBACKUP"
_HEAD = struct.Struct(">8sI")
_DIGEST_BYTES = hashlib.sha256().digest_size
_CHUNK_BYTES = 1 << 20


def seal(file: Path, manifest: Mapping[str, Any]) -> None:
    """Append the tail to a dump and bring the whole file to the disk."""
    text = json.dumps(manifest, ensure_ascii=False).encode()
    with file.open("ab") as dump:
        dump.write(text + _HEAD.pack(_MAGIC, len(text)))
        dump.flush()
        dump.write(_digest(file, file.stat().st_size))
        dump.flush()
        os.fsync(dump.fileno())


def unseal(file: Path) -> dict[str, Any]:
    """The manifest of a backup whose every byte is as it was sealed.

    Errors: `BACKUP_BROKEN`.
    """
    try:
        return _unseal(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Problem(BACKUP_BROKEN, file=file, reason=reason, reason_zh=reason) from error


def _unseal(file: Path) -> dict[str, Any]:
    end = file.stat().st_size - _DIGEST_BYTES - _HEAD.size
    if end < 0:
        raise _torn(file)
    with file.open("rb") as dump:
        dump.seek(end)
        magic, length = _HEAD.unpack(dump.read(_HEAD.size))
        digest = dump.read()
        if magic != _MAGIC or length > end:
            raise _torn(file)
        if _digest(file, end + _HEAD.size) != digest:
            raise Problem(
                BACKUP_BROKEN,
                file=file,
                reason="its checksum is wrong, some of it was altered",
                reason_zh="校验和不符，内容被改动过",
            )
        dump.seek(end - length)
        manifest: dict[str, Any] = json.loads(dump.read(length))
    return manifest


def _torn(file: Path) -> Problem:
    return Problem(
        BACKUP_BROKEN,
        file=file,
        reason="it is cut short, or not made by gridfield db backup",
        reason_zh="不完整，或不是 gridfield db backup 所做",
    )


def _digest(file: Path, size: int) -> bytes:
    digest = hashlib.sha256()
    with file.open("rb") as dump:
        while size > 0 and (chunk := dump.read(min(_CHUNK_BYTES, size))):
            digest.update(chunk)
            size -= len(chunk)
    return digest.digest()
