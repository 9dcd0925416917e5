"""Zip archives from outside: bounded, and never a path of theirs on our disk."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from gis.errors import FILE_TOO_LARGE, Problem
from gis.formats.encoding import Text, judge
from gis.formats.rawtable import unreadable

_MEMBER_LIMIT = 200
# Blank text columns shrink a thousandfold and are honest, so small archives may be any ratio.
_RATIO_LIMIT = 200
_RATIO_FREE_BYTES = 64 << 20
_PIECE = 1 << 20
# What the library raises for broken archives; RuntimeError for encrypted members, OSError and
# ValueError where an offset leads nowhere or a name has no letters.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
_UTF8_FLAG = 0x800  # bit 11 of the general purpose flags, APPNOTE 4.4.4


@contextmanager
def opened(path: Path, name: str, *, members: int = _MEMBER_LIMIT) -> Iterator[ZipFile]:
    """The archive, when its table of contents harms nobody; Problem(FILE_UNREADABLE) otherwise.

    `members` is how many files it may hold.
    """
    try:
        with ZipFile(path) as archive:
            _check(archive.infolist(), name, members)
            yield archive
    except _BROKEN as error:
        raise unreadable(name, "压缩包已损坏或有密码", f"bad or encrypted zip: {error}") from None


def by_stem(archive: ZipFile) -> Mapping[str, Mapping[str, ZipInfo]]:
    """The members by path without ending, then by ending in lower case (".shp")."""
    stems: dict[str, dict[str, ZipInfo]] = {}
    for member in archive.infolist():
        path = PurePosixPath(called(member))
        # A Mac adds a second, empty-looking file for each one.
        if member.is_dir() or path.name.startswith("._"):
            continue
        stems.setdefault(str(path.with_suffix("")), {})[path.suffix.lower()] = member
    return stems


def called(member: ZipInfo) -> str:
    """The path of a member as its author saw it, with slashes.

    Without the flag for UTF-8 the standard says code page 437, and nobody in China means it:
    Windows writes GBK there, a Mac UTF-8.
    """
    name = member.filename
    if not member.flag_bits & _UTF8_FLAG:
        try:
            content = name.encode("cp437")
            believed = judge([Text(content)])
            name = content.decode(believed.name) if believed else name
        except UnicodeError:
            pass  # the library read it as something else: there is nothing to put right
    return name.replace("\\", "/")


def extract(archive: ZipFile, member: ZipInfo, target: Path, *, max_bytes: int) -> int:
    """Write one member to a path of our choice and return its size in bytes.

    The bytes that come out count, not the size that the archive claims: Problem(FILE_TOO_LARGE).
    """
    size = 0
    with archive.open(member) as packed, target.open("xb") as file:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > max_bytes:
                raise Problem(FILE_TOO_LARGE, limit=f"{max_bytes >> 20} MB")
            file.write(piece)
    return size


def _check(members: Sequence[ZipInfo], name: str, limit: int) -> None:
    if len(members) > limit:
        raise unreadable(name, "压缩包里的文件太多", f"it has more than {limit} members")
    for member in members:
        path = PurePosixPath(called(member))
        if path.is_absolute() or ".." in path.parts or ":" in str(path) or "\0" in str(path):
            raise unreadable(name, "压缩包里的路径越界", "a member's path leads out of the archive")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise unreadable(name, "压缩包里有符号链接", "a member is a symbolic link")
    packed = sum(member.compress_size for member in members)
    whole = sum(member.file_size for member in members)
    if whole > max(_RATIO_FREE_BYTES, packed * _RATIO_LIMIT):
        raise unreadable(name, "压缩比异常", "its members are packed beyond belief")
