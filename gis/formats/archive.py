"""Zip archives from outside: bounded, and never a path of theirs on our disk."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from gis.formats.encoding import Text, judge
from gis.formats.rawtable import unreadable
from gis.limits import Limits

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
def opened(path: Path, name: str, limits: Limits) -> Iterator[ZipFile]:
    """The archive, when its table of contents harms nobody.

    Problem(FILE_TOO_LARGE) by its members, its unpacked size or the ratio of that to its own,
    Problem(FILE_UNREADABLE) when it is broken or means harm.
    """
    try:
        with ZipFile(path) as archive:
            _check_sizes(archive.infolist(), limits)
            _check_names(archive.infolist(), name)
            yield archive
    except _BROKEN as error:
        raise unreadable(name, "压缩包已损坏或有密码", f"bad or encrypted zip: {error}") from None


def by_stem(archive: ZipFile) -> Mapping[str, Mapping[str, ZipInfo]]:
    """The members by path without ending, then by ending in lower case (".shp").

    Windows knows no case, so that x.dbf belongs to X.shp, which gives both its name.
    """
    stems: dict[str, dict[str, ZipInfo]] = {}
    names: dict[str, str] = {}
    for member in archive.infolist():
        path = PurePosixPath(called(member))
        # A Mac adds a second, empty-looking file for each one.
        if member.is_dir() or path.name.startswith("._"):
            continue
        stem, suffix = str(path.with_suffix("")), path.suffix.lower()
        stems.setdefault(stem.casefold(), {})[suffix] = member
        if suffix == ".shp" or stem.casefold() not in names:
            names[stem.casefold()] = stem
    return {names[folded]: members for folded, members in stems.items()}


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


def extract(
    archive: ZipFile, member: ZipInfo, target: Path, limits: Limits, *, size: int = 0
) -> int:
    """Write one member to a path of our choice; `size` bytes came before it, the sum is returned.

    The bytes that come out count, not the size that the archive claims: Problem(FILE_TOO_LARGE).
    """
    with archive.open(member) as packed, target.open("xb") as file:
        while piece := packed.read(_PIECE):
            size += len(piece)
            limits.check_bytes(size)
            file.write(piece)
    return size


def _check_sizes(members: Sequence[ZipInfo], limits: Limits) -> None:
    limits.check_members(len(members))
    packed = sum(member.compress_size for member in members)
    whole = sum(member.file_size for member in members)
    limits.check_ratio(packed, whole)


def _check_names(members: Sequence[ZipInfo], name: str) -> None:
    for member in members:
        path = PurePosixPath(called(member))
        if not member.filename:
            raise unreadable(name, "压缩包里有没有名字的文件", "a member has no name")
        if path.is_absolute() or ".." in path.parts or ":" in str(path) or "\0" in str(path):
            raise unreadable(name, "压缩包里的路径越界", "a member's path leads out of the archive")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise unreadable(name, "压缩包里有符号链接", "a member is a symbolic link")
