"""Uploads that wait for a person's word: each in a private folder, its state on disk alone.

Several server processes of one machine share them. A draft is found by the token in its address,
and only by the account that brought it; the name that the file came under is remembered as text
and never becomes part of a path.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from api.refusals import UNKNOWN_DRAFT
from api.settings import Settings
from gis.errors import Problem
from gis.refusals.database import DATABASE_BUSY
from gis.server import private_files

LIFE_S = 24 * 3600
# How many uploads of the largest size may wait at once; beyond, the oldest go.
_WAITING = 10
_MB = 1_000_000
# How long the second of two clicks waits for the first.
_PATIENCE_S = 20.0
_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_NAME_LENGTH = 200
_STATE, _FILE, _LOCK, _REST = "draft.json", "file", "lock", "rest"


@dataclass(frozen=True, slots=True)
class Draft:
    """One upload: whose `account` brought it, its size in bytes, its SHA-256, and `batch`, the load
    that it became."""

    folder: Path
    layer: str
    name: str
    size: int
    sha256: str
    account: int | None = None
    batch: int | None = None

    @property
    def token(self) -> str:
        return self.folder.name

    @property
    def file(self) -> Path:
        """Where the content lies; `name` tells what it is called."""
        return self.folder / _FILE


@dataclass(frozen=True, slots=True)
class Drafts:
    """The uploads of one account under a folder, with all others together no larger than `room`
    bytes."""

    folder: Path
    room: int
    account: int | None

    def stage(self, content: BinaryIO, *, layer: str, name: str) -> Draft:
        """Keep an upload until it is loaded or a day has passed."""
        self.sweep()
        folder = self._new_folder()
        try:
            size, sha256 = _write(content, folder / _FILE)
            draft = Draft(folder, layer, _plain(name), size, sha256, self.account)
            self._make_room(draft)
            _remember(draft)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return draft

    def find(self, token: str) -> Draft:
        """The draft of that token; Problem(UNKNOWN_DRAFT) when there is none, or none any more, or
        when it is somebody else's."""
        # Only what is a token of ours is ever joined to a path.
        draft = _recall(self.folder / token) if _TOKEN.fullmatch(token) else None
        if draft is None or draft.account != self.account or _age_s(draft.folder) > LIFE_S:
            raise Problem(UNKNOWN_DRAFT)
        return draft

    @contextmanager
    def held(self, token: str) -> Iterator[Draft]:
        """The draft, while no other request of any process holds it: a file is loaded once."""
        lock = private_files.lock(self.find(token).folder / _LOCK, wait_s=_PATIENCE_S)
        if lock is None:
            raise Problem(DATABASE_BUSY)
        try:
            yield self.find(token)
        finally:
            os.close(lock)

    def sweep(self) -> None:
        """Remove what is older than a day, whatever became of it."""
        for folder in self._folders():
            if _age_s(folder) > LIFE_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _new_folder(self) -> Path:
        home = self.folder.parent
        private_files.make_folder(home)
        owner = home.stat()
        folder = self.folder / secrets.token_urlsafe(_TOKEN_BYTES)
        for path in (self.folder, folder):
            private_files.claim_folder(path, 0o700, owner.st_uid, owner.st_gid)
        return folder

    def _make_room(self, newest: Draft) -> None:
        """The oldest go first: whoever brought them still has the files."""
        others = [folder for folder in self._folders() if folder != newest.folder]
        sizes = {folder: _size(folder) for folder in sorted(others, key=_age_s, reverse=True)}
        excess = sum(sizes.values()) + newest.size - self.room
        for folder, size in sizes.items():
            if excess <= 0:
                return
            shutil.rmtree(folder, ignore_errors=True)
            excess -= size

    def _folders(self) -> list[Path]:
        with suppress(FileNotFoundError):
            return [path for path in self.folder.iterdir() if _TOKEN.fullmatch(path.name)]
        return []


def waiting(settings: Settings, account: int | None) -> Drafts:
    """The uploads of an account in the home of these settings."""
    room = _WAITING * settings.upload_limit_mb * _MB
    return Drafts(settings.home / "uploads", room, account)


def discard(draft: Draft) -> None:
    """Remove an upload with everything kept beside it."""
    shutil.rmtree(draft.folder, ignore_errors=True)


def became(draft: Draft, batch: int) -> None:
    """Remember the load that an upload became; of the file only the rest is kept."""
    _remember(replace(draft, batch=batch))
    draft.file.unlink(missing_ok=True)


def keep_rest(draft: Draft, ending: str, content: bytes) -> None:
    """Keep the rows that were left out, as a file of that ending."""
    draft.folder.joinpath(_REST + ending).write_bytes(content)


def rests(draft: Draft) -> list[str]:
    """The endings under which there are rows that were left out."""
    found = draft.folder.glob(f"{_REST}.*") if draft.batch is not None else ()
    return sorted(path.suffix for path in found)


def rest(draft: Draft, ending: str) -> bytes | None:
    """The rows that were left out of the load, None where there were none."""
    with suppress(FileNotFoundError):
        return draft.folder.joinpath(_REST + ending).read_bytes()
    return None


def _plain(name: str) -> str:
    """The file's own name: Windows and some browsers send a whole path."""
    return name.replace("\\", "/").rpartition("/")[2][-_NAME_LENGTH:]


def fingerprint(content: BinaryIO) -> str:
    """The SHA-256 of what a stream still has."""
    digest = hashlib.sha256()
    while piece := content.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _write(content: BinaryIO, target: Path) -> tuple[int, str]:
    with target.open("x+b") as file:
        shutil.copyfileobj(content, file, 1 << 20)
        size = file.tell()
        file.seek(0)
        return size, fingerprint(file)


def _remember(draft: Draft) -> None:
    # Written last and at once: a folder without it is no draft yet.
    state = asdict(draft)
    del state["folder"]
    private_files.write(draft.folder / _STATE, json.dumps(state))


def _recall(folder: Path) -> Draft | None:
    text = private_files.read(folder / _STATE)
    return None if text is None else Draft(folder=folder, **json.loads(text))


def _age_s(folder: Path) -> float:
    """Since the upload came: its folder gains files later, its content does not change."""
    for path in (folder / _FILE, folder):
        with suppress(FileNotFoundError):
            return time.time() - path.stat().st_mtime
    return 0.0


def _size(folder: Path) -> int:
    found = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                found += entry.stat().st_size
    return found
