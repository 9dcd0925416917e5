"""The letters of a file that is text from its first byte to its last."""

import codecs
import io
from collections.abc import Iterator
from itertools import islice

from gis.errors import Finding
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
        raise unreadable(
            name,
            f"第 {at} 字节不是 {told or encoding}；可用 --encoding 指明编码",
            f"byte {at} is not {told or encoding}; give --encoding",
        ) from None
    return text, believed or Encoding(encoding, "", "", certain=True)


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


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strange(content: bytes) -> Iterator[Text]:
    lines = io.BytesIO(content.removeprefix(codecs.BOM_UTF8))
    return (Text(line) for line in islice((n for n in lines if not n.isascii()), _JUDGED_LINES))
