"""The outbox of a phone, taken out as a file: a zip of records, as they would be sent, and photos.

What is in it comes from outside: it is believed as little as a request.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from gis.errors import Problem
from layers.refusals.submissions import OUTBOX_RECORD, OUTBOX_UNREADABLE

_RECORDS = "records.jsonl"
_ABOUT = "outbox.json"
_FORMAT = "gridfield-outbox"
_PHOTOS = "photos/"
_ABOUT_BYTES = 64_000
# A record of the largest size, every character of it escaped, and what is told of it.
_LINE_BYTES = 2_000_000
_IN_MEMORY = 4_000_000
_PIECE = 1 << 20
# What zipfile raises for members that are cut off, damaged, encrypted or packed in unknown ways.
_FAULTS = (OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record as a phone would send it; `owner` is the account that logged it."""

    uuid: str
    layer: str
    title: str
    owner: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class OutboxFile:
    """An open file. `entries` reads one line at a time, `photo` one picture."""

    name: str
    archive: zipfile.ZipFile
    pictures: Mapping[str, zipfile.ZipInfo]

    def entries(self) -> Iterator[tuple[int, "Entry | Problem"]]:
        """Each line's number, with its record or why it is none; Problem(OUTBOX_UNREADABLE)."""
        try:
            with self.archive.open(_RECORDS) as lines:
                read = iter(lambda: lines.readline(_LINE_BYTES), b"")
                for number, line in enumerate(read, start=1):
                    yield number, _entry_or_why(line)
        except _FAULTS as error:
            raise _unreadable(self.name, error) from error

    @contextmanager
    def photo(self, sha256: str, limit: int) -> Iterator[BinaryIO | None]:
        """The bytes under a hash, None where the file has none; they may be of another.

        Problem(OUTBOX_RECORD) for more than `limit` bytes, and for what cannot be unpacked.
        """
        found = self.pictures.get(sha256)
        if found is None:
            yield None
            return
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
            try:
                self._unpack(found, cast("BinaryIO", copy), limit)
            except _FAULTS as error:
                raise _broken(f"photo {sha256}: {error}", f"照片 {sha256}：{error}") from error
            copy.seek(0)
            yield cast("BinaryIO", copy)

    def _unpack(self, found: zipfile.ZipInfo, copy: BinaryIO, limit: int) -> None:
        with self.archive.open(found) as stream:
            while piece := stream.read(_PIECE):
                copy.write(piece)
                if copy.tell() > limit:
                    raise _broken(f"a photo of over {limit} bytes", f"照片超过 {limit} 字节")


@contextmanager
def opened(path: Path) -> Iterator[OutboxFile]:
    """The outbox in a file; Problem(OUTBOX_UNREADABLE) where there is none."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            known = _is_outbox(archive)
        except _FAULTS as error:
            raise _unreadable(path.name, error) from error
        if not known:
            raise Problem(OUTBOX_UNREADABLE, name=path.name, reason=f"{_FORMAT} 1")
        yield OutboxFile(path.name, archive, _pictures(archive))


def _is_outbox(archive: zipfile.ZipFile) -> bool:
    if not {_ABOUT, _RECORDS} <= set(archive.namelist()):
        return False
    with archive.open(_ABOUT) as stream:
        about = _object(stream.read(_ABOUT_BYTES))
    return isinstance(about, dict) and (about.get("format"), about.get("version")) == (_FORMAT, 1)


def _pictures(archive: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    listed = (info for info in archive.infolist() if info.filename.startswith(_PHOTOS))
    return {info.filename.removeprefix(_PHOTOS).partition(".")[0]: info for info in listed}


def _entry_or_why(line: bytes) -> "Entry | Problem":
    try:
        return _entry(line)
    except Problem as problem:
        return problem


def _entry(line: bytes) -> Entry:
    found = _object(line)
    if not isinstance(found, dict):
        raise _broken("the line is cut off or no JSON", "这一行不完整，或不是 JSON")
    body = _text(found, "body").encode("utf-8", errors="replace")
    if hashlib.sha256(body).hexdigest() != found.get("sha256"):
        raise _broken("its text is not what was kept (SHA-256)", "内容与保存时不同（SHA-256）")
    owner = found.get("owner")
    if owner is not None and not isinstance(owner, int):
        raise _broken("owner is no number", "owner 不是数字")
    return Entry(
        uuid=_text(found, "uuid"),
        layer=_text(found, "layer"),
        title=_text(found, "title"),
        owner=owner,
        body=body,
    )


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise _broken(f"{name} is missing", f"没有 {name}")
    return value


def _object(content: bytes) -> object:
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found


def _unreadable(name: str, error: Exception) -> Problem:
    return Problem(OUTBOX_UNREADABLE, name=name, reason=str(error)[:200])


def _broken(reason: str, reason_zh: str) -> Problem:
    return Problem(OUTBOX_RECORD, reason=reason, reason_zh=reason_zh)
