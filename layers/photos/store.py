"""Where the bytes of photographs are: a folder or an object store, each under its own hash."""

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError, GenericError
from obstore.store import LocalStore, ObjectStore, from_url

from gis.errors import Problem
from gis.server import private_files
from layers.refusals.photos import PHOTO_LOST, PHOTO_PLACE, PHOTO_STORE

_FANNED = 2  # so that no folder has a million entries
_PRIVATE = 0o700
# Whoever brings a photo waits as long; the phone tries again by itself.
_TRIES, _PATIENCE = 3, timedelta(seconds=10)
_OS_ERROR = re.compile(r"\(os error (\d+)\)")


@dataclass(frozen=True, slots=True)
class PhotoStore:
    """`place` as it was configured, `folder` where it is on this machine, if it is."""

    objects: ObjectStore
    place: str
    folder: Path | None

    def keep(self, sha256: str, content: bytes) -> None:
        """Store the bytes so that they outlive a power cut: whole, or as they were before.

        They are written whether they are there or not: that heals what a crash left, and takes as
        long for a photo that somebody else has brought. One writer of a hash at a time.
        Problem(PHOTO_STORE) when the disk is full or the store away.
        """
        self._put(_original(sha256), content)
        if self.folder is not None:  # what a writer left who was killed
            Path(f"{self.folder / _original(sha256)}#1").unlink(missing_ok=True)

    def get(self, sha256: str) -> bytes:
        """The bytes; Problem(PHOTO_LOST) when they are gone or altered, Problem(PHOTO_STORE)."""
        found = self._get(_original(sha256))
        if found is None or hashlib.sha256(found).hexdigest() != sha256:
            raise Problem(PHOTO_LOST, sha256=sha256)
        return found

    def keep_copy(self, sha256: str, size: int, content: bytes) -> None:
        """Remember a smaller copy, if there is room."""
        with suppress(Problem):
            self._put(_copy(sha256, size), content)

    def get_copy(self, sha256: str, size: int) -> bytes | None:
        """A smaller copy that was remembered; Problem(PHOTO_STORE)."""
        return self._get(_copy(sha256, size))

    def remove(self, sha256: str) -> None:
        """Forget bytes that no row speaks of; Problem(PHOTO_STORE)."""
        try:
            with suppress(FileNotFoundError):
                obstore.delete(self.objects, _original(sha256))
            if self.folder is not None:
                Path(f"{self.folder / _original(sha256)}#1").unlink(missing_ok=True)
        except (OSError, BaseError) as error:
            raise _away(error) from error

    def _put(self, path: str, content: bytes) -> None:
        try:
            obstore.put(self.objects, path, content, use_multipart=False)
            if self.folder is not None:
                _settle(self.folder, path)
        except (OSError, BaseError) as error:
            raise _away(error) from error

    def _get(self, path: str) -> bytes | None:
        try:
            return bytes(obstore.get(self.objects, path).bytes())
        except FileNotFoundError:
            return None
        except (OSError, BaseError) as error:
            raise _away(error) from error


def opened(place: str) -> PhotoStore:
    """The store at a folder's path or at a URL (`s3://bucket/prefix`, `az://…`, `gs://…`).

    Keys and addresses of an object store come from its usual environment variables.
    Problem(PHOTO_PLACE) when there can be no store.
    """
    try:
        if "://" in place:
            again: Any = {"max_retries": _TRIES, "retry_timeout": _PATIENCE}
            return PhotoStore(from_url(place, retry_config=again), place, None)
        folder = Path(place)
        if not folder.is_dir():
            private_files.make_folder(folder)
            folder.chmod(_PRIVATE)
        return PhotoStore(LocalStore(prefix=folder), place, folder)
    except (OSError, ValueError, BaseError) as error:
        told = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise Problem(PHOTO_PLACE, place=place, reason=told) from error


def _settle(folder: Path, path: str) -> None:
    """A file is on the disk only when that and its folders have been told so."""
    file = folder / path
    with file.open("rb") as content:
        os.fsync(content.fileno())
    for above in file.relative_to(folder).parents:
        private_files.sync_folder(folder / above)


def _original(sha256: str) -> str:
    return f"{sha256[:_FANNED]}/{sha256}"


def _copy(sha256: str, size: int) -> str:
    return f"{size}/{_original(sha256)}"


def _away(error: Exception) -> Problem:
    return Problem(PHOTO_STORE, reason=_reason(error))


def _reason(error: Exception) -> str:
    """What the machine says, without its paths."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    told = _OS_ERROR.search(str(error))
    if told:
        return os.strerror(int(told[1]))
    return "no answer" if type(error) is GenericError else type(error).__name__
