"""The letters of a file that is text from its first byte to its last."""

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from gis.errors import Finding, Problem
from gis.formats.encoding import GB, Encoding, Text, insisted, judge, named
from gis.formats.rawtable import unreadable
from gis.refusals.files import ENCODING_BELIEVED

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_JUDGED_LINES = 10_000


def decoded(content: bytes, name: str, told: str | None) -> tuple[str, Encoding]:
    """The text without a byte order mark, and the encoding that it was believed to be in.

    `told` is what a person says; without it a mark counts, then what the bytes look like.
    Problem(FILE_UNREADABLE) with the first byte that is no letter, `name` being what people call
    the file, and Problem(BAD_PARAMETER) when nobody knows the encoding that was told.
    """
    believed = insisted(named(told)) if told else _by_mark(content) or judge(_strange(content))
    encoding = believed.name if believed else "utf-8"
    try:
        # Its mark would be no letter where UTF-8's stands before other bytes.
        text = content.removeprefix(codecs.BOM_UTF8).decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        # Some of Python's own encodings do not tell the place.
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise no_letters(name, told or encoding, at) from None
    return text, believed or Encoding(encoding, "", "", certain=True)


def opened(path: Path, told: str | None, newline: str = "") -> tuple[TextIO, Encoding]:
    """The same of a file that is read line by line: its letters, from the first one on.

    What is no letter is met where it is read, as UnicodeError; `no_letters` says it of the file.
    """
    believed = insisted(named(told)) if told else _by_mark_of(path) or judge(_strange_of(path))
    encoding = believed.name if believed else "utf-8"
    text = path.open(encoding=encoding, newline=newline)
    try:
        if text.read(1) != "\ufeff":
            text.seek(0)
    except UnicodeError:
        text.seek(0)
    return text, believed or Encoding(encoding, "", "", certain=True)


def reached(text: TextIO, error: UnicodeError) -> int:
    """The first byte that is no letter, where such a file was read as far as this error."""
    if not isinstance(error, UnicodeDecodeError):  # some of Python's own encodings do not tell
        return 0
    return text.buffer.tell() - len(error.object) + error.start


def no_letters(name: str, encoding: str, at: int) -> Problem:
    """The Problem of bytes that are not in the encoding, the first of them being byte `at`."""
    return unreadable(
        name,
        f"第 {at} 字节不是 {encoding}；可用 --encoding 指明编码",
        f"byte {at} is not {encoding}; give --encoding",
    )


def belief(encoding: Encoding) -> Iterator[Finding]:
    """A note where a person may want to say otherwise."""
    if encoding.name == GB or not encoding.certain:
        values = {"name": encoding.name, "reason_zh": encoding.zh, "reason": encoding.en}
        yield Finding(ENCODING_BELIEVED, values=values)


def _by_mark(content: bytes) -> Encoding | None:
    for mark, name in _MARKS.items():
        # Programs put the mark of UTF-8 before GBK, too.
        if content.startswith(mark) and (name != "utf-8" or _is_utf8(content)):
            return Encoding(name, "有字节顺序标记", "it has a byte order mark", certain=True)
    return None


def _by_mark_of(path: Path) -> Encoding | None:
    with path.open("rb") as file:
        mark = file.read(max(map(len, _MARKS)))
        if not mark.startswith(codecs.BOM_UTF8):
            return _by_mark(mark)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(mark)
            while piece := file.read(1 << 20):
                decoder.decode(piece)
        except UnicodeDecodeError:
            return None
    return _by_mark(codecs.BOM_UTF8)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strange(content: bytes) -> Iterator[Text]:
    return _not_ascii(io.BytesIO(content.removeprefix(codecs.BOM_UTF8)))


def _strange_of(path: Path) -> Iterator[Text]:
    with path.open("rb") as file:
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            file.seek(0)
        yield from _not_ascii(file)


def _not_ascii(lines: Iterable[bytes]) -> Iterator[Text]:
    return (Text(line) for line in islice((n for n in lines if not n.isascii()), _JUDGED_LINES))
