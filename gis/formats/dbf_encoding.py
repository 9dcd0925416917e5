"""The letters of a DBF: believed from its bytes, and made fit for a strict reader.

A DBF (dBASE III) is a heading, one descriptor of 32 bytes for each field, and rows of fixed width.
Programs cut texts to the width and names to ten bytes, often inside a letter, and number the names
that have become the same. Values are looked at first, names only when all values are ASCII.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gis.errors import Finding
from gis.formats.encoding import GB, UTF8, Encoding, Text, insisted, judge, read_as, understood
from gis.formats.rawtable import distinct, renamed, unreadable
from gis.refusals.files import COLUMN_CUT, ENCODING_BELIEVED

Bytes = npt.NDArray[np.uint8]

_HEADING, _DESCRIPTOR, _NAME = 32, 32, 10
_END, _DELETED = 0x0D, ord("*")
_TEXT_WIDTH = 254  # the widest text: one that fills it has most likely lost its end
# The language driver (byte 29) where it tells of an encoding; 0x57 and 0x03 are what programs
# write that do not think of it.
_LANGUAGES = {0x4D: GB, 0x7A: GB, 0x4F: "big5", 0x78: "big5", 0x13: "cp932", 0x7B: "cp932"}
_NUMBER = re.compile(rb"_[0-9]{1,2}\Z")


class _Field(NamedTuple):
    name: bytes
    is_text: bool
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Letters:
    """What a DBF's texts are in, and its fields' names as far as they can be read.

    `placeholders` gives the ASCII name that `tidy` wrote for each field, and the name that people
    read. `cut` are values (row from 1, column) that have certainly or likely lost their end.
    `rows` is how many there are to be, with those that are deleted and that no reader gives.
    """

    encoding: Encoding
    placeholders: dict[str, str]
    notes: tuple[Finding, ...]
    cut: tuple[tuple[int, str], ...]
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    language: int
    said: int
    fields: Sequence[_Field]
    content: np.memmap[Any, np.dtype[np.uint8]]
    rows: Bytes  # a view of `content`, one line for each row


def tidy(dbf: Path, stated: str | None, given: str | None, name: str) -> Letters:
    """Believe the encoding of the DBF and mend it in place; what is no DBF is left to its reader.

    The file must be a private copy. Field names become ASCII placeholders, and the part of a letter
    at the end of a full field becomes blanks, so that a strict reader takes it. `stated` is what
    the .cpg says, `given` the encoding (Python's name) that a person insists on, `name` what
    people call the file. Problem(FILE_UNREADABLE) when no encoding fits the bytes.
    """
    table = _opened(dbf)
    if table is None:
        return Letters(Encoding(UTF8, "", "", certain=True), {}, (), (), rows=0)
    values = list(_values(table))
    names = [Text(_NUMBER.sub(b"", f.name), may_be_cut=True) for f in table.fields]
    encoding = insisted(given) if given else _believed(table, values, names, stated)
    if encoding is None:
        raise unreadable(
            name,
            "文字既不是 UTF-8 也不是 GBK；请用 --encoding 指明编码",
            "its texts are neither UTF-8 nor GBK; give --encoding",
        )
    cut = list(_without_tails(table, encoding.name))
    read = [_name(field.name, encoding.name) for field in table.fields]
    placeholders = _placeholders(table, [name for name, _ in read])
    columns = list(placeholders.values())
    lost = [Finding(COLUMN_CUT, column=name) for name, is_cut in read if is_cut]
    notes = [*_belief(encoding, stated, given), *lost, *renamed([n for n, _ in read], columns)]
    kept = table.rows[:, 0] != _DELETED
    number = np.cumsum(kept)
    values_cut = tuple((int(number[row]), columns[field]) for row, field in cut if kept[row])
    return Letters(encoding, placeholders, tuple(notes), values_cut, table.said)


def _believed(
    table: _Table, values: Sequence[Text], names: Sequence[Text], stated: str | None
) -> Encoding | None:
    hint = understood(stated) if stated else None
    hint = hint or _LANGUAGES.get(table.language)
    strange = [text for text in values if not text.content.isascii()]
    return judge(strange or names, hint)


def _belief(encoding: Encoding, stated: str | None, given: str | None) -> Iterator[Finding]:
    """A note when it is our belief and not the file's word."""
    agreed = stated is not None and understood(stated) == encoding.name
    if given is None and not (agreed and encoding.certain):
        values = {"name": encoding.name, "reason_zh": encoding.zh, "reason": encoding.en}
        yield Finding(ENCODING_BELIEVED, values=values)


# --- the bytes ----------------------------------------------------------------------------------
def _opened(dbf: Path) -> _Table | None:
    if dbf.stat().st_size <= _HEADING:
        return None
    content = np.memmap(dbf, dtype=np.uint8, mode="r+")
    start, width = (int.from_bytes(content[at : at + 2].tobytes(), "little") for at in (8, 10))
    fields = list(_fields(content[:start]))
    if not fields or width < fields[-1].start + fields[-1].width or start > content.size:
        return None
    said = int.from_bytes(content[4:8].tobytes(), "little")
    count = min(said, (content.size - start) // width)
    rows = content[start : start + count * width].reshape(count, width)
    return _Table(int(content[29]), said, fields, content, rows)


def _fields(heading: Bytes) -> Iterator[_Field]:
    start = 1  # after the mark of deleted rows
    for at in range(_HEADING, len(heading) - _DESCRIPTOR + 1, _DESCRIPTOR):
        descriptor = heading[at : at + _DESCRIPTOR].tobytes()
        if descriptor[0] == _END:
            return
        name = descriptor[: _NAME + 1].partition(b"\0")[0].strip(b" ")
        width = descriptor[16]
        yield _Field(name, descriptor[11:12] == b"C", start, width)
        start += width


def _strange(table: _Table, field: _Field) -> tuple[Bytes, npt.NDArray[np.intp]]:
    """The texts of a field, and which of them are not ASCII."""
    texts = table.rows[:, field.start : field.start + field.width]
    return texts, np.flatnonzero((texts > 0x7F).any(axis=1))


def _values(table: _Table) -> Iterator[Text]:
    for field in table.fields:
        if field.is_text and field.width:
            texts, strange = _strange(table, field)
            for content in {texts[row].tobytes() for row in strange}:
                yield _text(content)


def _text(content: bytes) -> Text:
    stripped = content.rstrip(b" \0")
    return Text(stripped, may_be_cut=len(stripped) == len(content))


def _without_tails(table: _Table, encoding: str) -> Iterator[tuple[int, int]]:
    """Blank what is left of cut letters; row and field of each value that has lost its end."""
    for number, field in enumerate(table.fields):
        if not field.is_text or not field.width:
            continue
        texts, strange = _strange(table, field)
        for row in map(int, strange):
            text = _text(texts[row].tobytes())
            read = read_as(text, encoding) if text.may_be_cut else None
            if read is not None and read[1]:
                texts[row, -read[1] :] = ord(" ")
                yield row, number
        if field.width == _TEXT_WIDTH:
            for row in map(int, np.flatnonzero(texts[:, -1] > ord(" "))):
                yield row, number


# --- names --------------------------------------------------------------------------------------
def _name(name: bytes, encoding: str) -> tuple[str, bool]:
    """The readable part of a name, and whether it was cut inside a letter."""
    for candidate in dict.fromkeys((encoding, UTF8, GB)):
        whole = read_as(Text(name), candidate)
        if whole is not None:
            return whole[0], False
        stem = _NUMBER.sub(b"", name)
        part = read_as(Text(stem, may_be_cut=True), candidate)
        if part is not None:
            return part[0] + name[len(stem) :].decode("ascii"), True
    return name.decode("ascii", "ignore"), True


def _placeholders(table: _Table, names: Sequence[str]) -> dict[str, str]:
    placeholders: dict[str, str] = {}
    for number, name in enumerate(distinct(names)):
        placeholder = f"f{number}"
        at = _HEADING + number * _DESCRIPTOR
        written = placeholder.encode().ljust(_NAME + 1, b"\0")
        table.content[at : at + len(written)] = np.frombuffer(written, np.uint8)
        placeholders[placeholder] = name
    table.content.flush()
    return placeholders
