"""Believing bytes that do not say what letters they are: UTF-8, the GB family, or what is stated.

UTF-8 shows by itself. Almost any other bytes can be read as GB 18030, so there the letters are
looked at: in Chinese text nearly all of them are of the everyday set of GB 2312, in misread bytes
few are. What a file or a person states is believed unless the bytes cannot be that.
"""

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gis.errors import Lang, Problem
from gis.refusals.values import BAD_PARAMETER

UTF8, GB = "utf-8", "gb18030"
_EVERYDAY_SHARE = 0.9  # names of people and places hold a letter beyond GB 2312 now and then
_FEW_LETTERS = 4
# Every other GB code is part of GB 18030, and files say GB2312 while they hold more.
_GB_FAMILY = frozenset({"gb2312", "gbk", "cp936", "gb18030"})
_PLAIN = "a+~0"
_CODE_PAGES = {"65001": UTF8, "54936": GB, "936": GB, "20936": GB, "52936": GB, "88591": "latin-1"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """What encoding texts are taken to be in, and why; `certain` when nothing else is sensible."""

    name: str  # as Python knows it
    zh: str
    en: str
    certain: bool

    def reason(self, lang: Lang = "zh") -> str:
        return self.zh if lang == "zh" else self.en


class Text(NamedTuple):
    """Bytes of one text; `may_be_cut` when a fixed width may have cut off part of a letter."""

    content: bytes
    may_be_cut: bool = False


def named(encoding: str) -> str:
    """Python's name of an encoding that a person gives; Problem(BAD_PARAMETER) for any other word.

    >>> named("GBK"), named("utf8")
    ('gb18030', 'utf-8')
    """
    found = _codec(encoding)
    if found is None:
        raise Problem(
            BAD_PARAMETER,
            name="encoding",
            reason_zh=f"没有叫“{encoding}”的编码",
            reason=f"there is no encoding {encoding!r}",
        )
    return found


def insisted(name: str) -> Encoding:
    """The encoding (Python's name) that a person has given, against which nothing is said."""
    return Encoding(name, f"按指定的 {name} 读取", f"read as {name}, as told", certain=True)


def understood(said: str) -> str | None:
    """The encoding that a .cpg means; None for "OEM", "System" and what cannot be in a table.

    >>> [understood(said) for said in ("936", "ANSI 936", "65001", "CP936", "OEM")]
    ['gb18030', 'gb18030', 'utf-8', 'gb18030', None]
    """
    found = _codec(said)
    # UTF-16, UTF-7 and their like write plain digits in other bytes than a DBF has.
    return found if found and _PLAIN.encode(found) == _PLAIN.encode() else None


def _codec(said: str) -> str | None:
    word = re.sub(r"^(ansi|oem|windows|code ?page|cp|ms|x)[\s_-]*(?=\d)", "", said.strip().lower())
    if word in _CODE_PAGES:
        return _CODE_PAGES[word]
    word = re.sub(r"^gb[\s_-]+(?=\d)", "gb", word)
    try:
        found = codecs.lookup(f"cp{word}" if re.fullmatch(r"\d{3,4}", word) else word).name
        # "hex" and the like are codecs too, but not of text.
        _PLAIN.encode(found)
    except (LookupError, ValueError):
        return None
    return GB if found in _GB_FAMILY else found


def read_as(text: Text, encoding: str) -> tuple[str, int] | None:
    """The letters, and how many bytes at the end are left of a cut one; None when it is no such."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        letters = decoder.decode(text.content, not text.may_be_cut)
        rest = decoder.getstate()[0]
    except (UnicodeError, NotImplementedError):
        return None
    return letters, len(rest)


def judge(texts: Iterable[Text], stated: str | None = None) -> Encoding | None:
    """What encoding the texts are in; None when they are in none that can be thought of.

    `stated` is a name of Python's that the file gives, from `understood`.

    >>> judge([Text("林家崖".encode("gbk"))], "utf-8").name
    'gb18030'
    """
    strange = [text for text in texts if not text.content.isascii()]
    if not strange:
        return _ascii(stated)
    utf8, gb = _whole(strange, UTF8), _whole(strange, GB)
    if utf8 is not None and not (gb is not None and _everyday(gb)):
        return _plainly_utf8(strange, utf8, stated)
    if utf8 is not None and gb is not None:
        return _either(utf8, stated)
    if gb is not None:
        return _perhaps_gb(strange, gb, stated)
    if stated is not None and _whole(strange, stated) is not None:
        return _as_stated(stated)
    return None


def _whole(texts: Sequence[Text], encoding: str) -> str | None:
    read = [read_as(text, encoding) for text in texts]
    letters = [found[0] for found in read if found is not None]
    # Between texts stands what no text holds, so that no letters meet that did not.
    return "\n".join(letters) if len(letters) == len(texts) else None


def _ascii(stated: str | None) -> Encoding:
    name = stated or UTF8
    return Encoding(
        name, "只有 ASCII 字符，编码无关紧要", "all ASCII, the encoding is no matter", certain=True
    )


def _as_stated(stated: str) -> Encoding:
    return Encoding(
        stated, f"文件自称 {stated}，内容相符", f"the file says {stated}, and fits", certain=True
    )


def _plainly_utf8(texts: Sequence[Text], letters: str, stated: str | None) -> Encoding:
    if stated == UTF8:
        return _as_stated(UTF8)
    wide = any(letter >= "\u0800" for letter in letters)  # three bytes never follow by chance
    if stated and not wide and _whole(texts, stated) is not None:
        return _as_stated(stated)
    zh, en = _against(stated)
    return Encoding(UTF8, f"字节合乎 UTF-8{zh}", f"the bytes are UTF-8{en}", certain=True)


def _either(utf8: str, stated: str | None) -> Encoding:
    """Two or three letters may be both: 路 in GBK is a middle dot in UTF-8."""
    if stated in (UTF8, GB):
        return _as_stated(stated)
    wide = any(letter >= "\u0800" for letter in utf8)
    beside_letters = re.search(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]", utf8)
    name = UTF8 if wide or beside_letters else GB
    return Encoding(
        name,
        f"字节既合乎 UTF-8 也合乎 GBK，取 {name}；请核对预览",
        f"the bytes may be UTF-8 or GBK, taken as {name}: look at the preview",
        certain=False,
    )


def _perhaps_gb(texts: Sequence[Text], letters: str, stated: str | None) -> Encoding:
    if stated == GB:
        return _as_stated(GB)
    everyday = _everyday(letters)
    other = stated not in (None, UTF8) and _whole(texts, stated or "") is not None
    if other and stated and not (everyday and _of_single_bytes(stated)):
        return _as_stated(stated)
    zh, en = _against(stated)
    many = sum(not letter.isascii() for letter in letters) >= _FEW_LETTERS
    return Encoding(
        GB,
        f"字节不是 UTF-8，合乎 GB 18030（GBK）{zh}"
        + ("" if everyday else "；多生僻字，请核对预览"),
        f"the bytes are not UTF-8 but GB 18030 (GBK){en}"
        + ("" if everyday else "; the letters are rare ones, look at the preview"),
        certain=everyday and (many or not other),
    )


def _against(stated: str | None) -> tuple[str, str]:
    if stated is None:
        return "", ""
    return f"，与文件自称的 {stated} 不符", f", against the {stated} that the file states"


def _everyday(text: str) -> bool:
    letters = re.sub(r"[\x00-\x7f]", "", text)
    known = sum(len(letter.encode("gb2312", "ignore")) == 2 for letter in letters)
    return known >= _EVERYDAY_SHARE * len(letters)


def _of_single_bytes(encoding: str) -> bool:
    """Whether it reads every byte as a letter, so that reading proves nothing."""
    try:
        return len(bytes(range(0x80, 0x100)).decode(encoding, "ignore")) > 100
    except (UnicodeError, NotImplementedError):
        return False
