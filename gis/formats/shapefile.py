"""Shapefiles in and out: companions, encodings, ten-byte names, values a DBF cannot hold.

What goes out is a zip with two tables beside the shapefile: `fields.csv` gives each ten-byte
column its full name, `values.csv` the values that a DBF would cut. Reading puts both back.
"""

import codecs
import csv
import io
import math
import re
import shutil
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from gis.errors import Finding
from gis.formats import archive, csvfile, dbf_encoding, ogr
from gis.formats.arrow import Batch, Column
from gis.formats.dbf_encoding import Letters
from gis.formats.encoding import GB, UTF8, named
from gis.formats.ogr import Content, OgrFile
from gis.formats.rawtable import RawTable, unreadable
from gis.limits import Limits
from gis.refusals.files import VALUE_ABRIDGED, VALUE_CUT

FIELDS_CSV, VALUES_CSV = "fields.csv", "values.csv"
NAME_BYTES = 10
_FIELDS_HEADING = ("column", "field")
_VALUES_HEADING = ("row", "field", "value")
_ROW = re.compile(r"[0-9]{1,9}")
_TEXT_BYTES = 254
_CHARACTER_BYTES = 4  # at most
# What GDAL gives a number of eight bytes: 24 characters, 15 of them after the point.
_NUMBER_CHARACTERS, _NUMBER_DECIMALS = 24, 15
_EXACT_INTEGER = 2**53

_NEEDED, _COMPANIONS = (".shp", ".dbf"), (".shx", ".prj", ".cpg")
_CUT_NOTES = 20
_LONGEST_CPG, _LONGEST_PRJ = 80, 200_000  # bytes
_SIDECARS = (FIELDS_CSV, VALUES_CSV)
_Members = Mapping[str, zipfile.ZipInfo]


# --- bringing a shapefile into a private folder -------------------------------------------------
def gather(shp: Path, folder: Path, *, name: str, limits: Limits) -> Path:
    """Copy a .shp and its companions, found beside it in any case, as data.* into `folder`."""
    beside = {
        path.suffix.lower(): path
        for path in sorted(shp.parent.iterdir())
        if path.stem == shp.stem and path.is_file()
    }
    _need(beside, name)
    size = 0
    for suffix in (*_NEEDED, *_COMPANIONS):
        if suffix in beside:
            size += beside[suffix].stat().st_size
            limits.check_bytes(size)
            shutil.copyfile(beside[suffix], folder / f"data{suffix}")
    return folder / "data.shp"


class Unpacked(NamedTuple):
    """The .shp in the private folder, what it was called, and how all of the zip are called."""

    shp: Path
    part: str
    parts: tuple[str, ...]


def unpack(path: Path, folder: Path, *, name: str, layer: str | None, limits: Limits) -> Unpacked:
    """Unpack the one shapefile of a zip (or the one called `layer`) as data.* into `folder`."""
    with archive.opened(path, name, limits) as opened:
        stems = archive.by_stem(opened)
        found = _by_name({stem: m for stem, m in stems.items() if ".shp" in m})
        if not found:
            raise unreadable(name, "压缩包里没有 .shp", "the zip holds no .shp")
        part = ogr.choose(list(found), layer, name)
        members = found[part]
        _need(members, name)
        wanted = {f"data{s}": members[s] for s in (*_NEEDED, *_COMPANIONS) if s in members}
        wanted |= {n: m[".csv"] for n in _SIDECARS for m in [stems.get(n[:-4], {})] if ".csv" in m}
        size = 0
        for target, member in wanted.items():
            size = archive.extract(opened, member, folder / target, limits, size=size)
    return Unpacked(folder / "data.shp", part, tuple(found))


def _by_name(stems: Mapping[str, _Members]) -> Mapping[str, _Members]:
    """By name without its folders, unless two folders hold the same name."""
    short = {stem.rpartition("/")[2]: members for stem, members in stems.items()}
    return short if len(short) == len(stems) else stems


def _need(present: Mapping[str, object], name: str) -> None:
    for suffix in _NEEDED:
        if suffix not in present:
            raise unreadable(name, f"缺少同名的 {suffix} 文件", f"its {suffix} file is missing")


# --- reading ----------------------------------------------------------------------------------
def read(shp: Path, *, name: str, encoding: str | None, limits: Limits) -> RawTable:
    """The shapefile data.* of a private folder as a table, full names and values put back.

    Texts are read in `encoding`, else as `gis.formats.dbf_encoding` believes; GDAL's own guess
    would be Latin-1 and mojibake without an error.
    """
    _need({path.suffix: path for path in shp.parent.iterdir()}, name)
    letters = _letters(shp, name, encoding)
    file = OgrFile(shp, ogr.SHAPEFILE, name)
    crs = _crs(shp.with_suffix(".prj"))
    raw = ogr.read(file, layer="data", encoding=letters.encoding.name, limits=limits)
    _check_count(shp, letters, name)
    return _put_back(shp, letters, replace(raw, crs=crs), before=0)


def pieces(
    shp: Path, *, name: str, encoding: str | None, limits: Limits, rows: int
) -> Iterator[RawTable]:
    """The same in tables of at most so many `rows`; none of the whole is held."""
    _need({path.suffix: path for path in shp.parent.iterdir()}, name)
    letters = _letters(shp, name, encoding)
    file = OgrFile(shp, ogr.SHAPEFILE, name)
    crs, before = _crs(shp.with_suffix(".prj")), 0
    believed = letters.encoding.name
    for raw in ogr.pieces(file, layer="data", encoding=believed, limits=limits, rows=rows):
        if before == 0:
            _check_count(shp, letters, name)
        yield _put_back(shp, letters, replace(raw, crs=crs), before)
        before += len(raw.geometries)


def _put_back(shp: Path, letters: Letters, raw: RawTable, before: int) -> RawTable:
    """The rows that follow on so many others, with what the format cuts put back."""
    called = [letters.placeholders.get(column, column) for column in raw.columns]
    full = _full_names(shp, called)
    columns = dict(zip(full, raw.columns.values(), strict=True))
    sidecar = _sidecar(shp.with_name(VALUES_CSV), _VALUES_HEADING)
    whole = _restored(columns, sidecar, before)
    name_of = dict(zip(called, full, strict=True))
    own = range(before + 1, before + len(raw.geometries) + 1)
    cut = [(r - before, name_of[c]) for r, c in letters.cut if c in name_of and r in own]
    lost = (Finding(VALUE_CUT, r, c) for r, c in cut if _same_at(r, c, columns, whole))
    notes = (*letters.notes, *islice(lost, _CUT_NOTES), *raw.notes)
    return replace(raw, columns=whole, notes=notes, encoding=letters.encoding)


def _check_count(shp: Path, letters: Letters, name: str) -> None:
    """Refuse a .dbf of another .shp; GDAL would take as many rows as the shorter one has."""
    # GDAL has made the index by now if it was missing: a heading of 100 bytes, 8 for each shape.
    shapes = (shp.with_suffix(".shx").stat().st_size - 100) // 8
    if shapes != letters.rows:
        raise unreadable(
            name,
            f".shp 有 {shapes} 个图形，.dbf 却有 {letters.rows} 行，两者不是一套",
            f"its .shp has {shapes} shapes and its .dbf {letters.rows} rows: they do not belong "
            "together",
        )


def _crs(prj: Path) -> str | None:
    """What the .prj states, which is taken away: GDAL passes over one that it does not know."""
    if not prj.exists():
        return None
    with prj.open("rb") as opened:
        content = opened.read(_LONGEST_PRJ)
    prj.unlink()
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else (UTF8, GB):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding).strip("\ufeff\0 \t\r\n") or None
    return content.decode("latin-1")


def _letters(shp: Path, name: str, encoding: str | None) -> Letters:
    cpg = shp.with_suffix(".cpg")
    stated = _word(cpg.read_bytes()[:_LONGEST_CPG]) if cpg.exists() else None
    given = named(encoding) if encoding else None
    return dbf_encoding.tidy(shp.with_suffix(".dbf"), stated, given, name)


def _word(content: bytes) -> str:
    """What a .cpg says; editors put a byte order mark before it, or write it in UTF-16."""
    return content.decode("ascii", "ignore").strip("\0\"' \t\r\n").replace("\0", "")


def _full_names(shp: Path, called: Sequence[str]) -> Sequence[str]:
    full = dict(_sidecar(shp.with_name(FIELDS_CSV), _FIELDS_HEADING))
    names = [full.get(column, column) for column in called]
    # Not our fields.csv when it would merge columns.
    return names if len(set(names)) == len(names) else called


def _same_at(
    row: int,
    column: str,
    before: Mapping[str, Sequence[object]],
    after: Mapping[str, Sequence[object]],
) -> bool:
    """Whether a value that the DBF cut has not come back from values.csv."""
    return row <= len(before[column]) and before[column][row - 1] == after[column][row - 1]


def _sidecar(path: Path, heading: tuple[str, ...]) -> Iterator[list[str]]:
    if not path.exists():
        return
    text = path.read_text("utf-8-sig", "replace")
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        if next(rows, None) == list(heading):  # otherwise a table of somebody else's
            yield from (row for row in rows if len(row) == len(heading))
    except csv.Error:
        return


def _restored(
    columns: Mapping[str, Sequence[object]], whole: Iterable[Sequence[str]], before: int
) -> Mapping[str, Sequence[object]]:
    """Put whole values back where the DBF still has the part that was written with them.

    The part is compared, because the shapefile may have been edited or sorted since.
    """
    result = {column: list(values) for column, values in columns.items()}
    for row, column, text in whole:
        values = result.get(column, [])
        position = int(row) - 1 - before if _ROW.fullmatch(row) else -1
        value = csvfile.unescape(text)
        if 0 <= position < len(values) and _is_part(values[position], value):
            values[position] = value
    return result


def _is_part(part: object, whole: str) -> bool:
    if isinstance(part, str):
        return whole.startswith(part)
    if not isinstance(part, int | float):
        return False
    try:
        # NaN is a number that the DBF could not even hold roughly.
        return math.isnan(part) or math.isclose(part, float(whole), rel_tol=1e-9, abs_tol=1e-12)
    except ValueError:
        return False


# --- writing ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Whole:
    """One value that the DBF has in part; `seen` when a person would miss the rest."""

    row: int
    column: str
    value: str
    seen: bool


def write_zip(target: Path, content: Content) -> tuple[Finding, ...]:
    """Write one layer as NAME.shp with companions into a new zip, UTF-8, names of ten bytes.

    `target` lies in a private folder, where the parts are made. `values.csv` has every value whole
    that the DBF cuts or rounds; those that a person would miss come back as findings.
    """
    names = short_names([column.name for column in content.columns])
    values = target.with_name(VALUES_CSV)
    shp = target.with_name(f"{content.layer}.shp")
    with values.open("xb") as aside:
        fitting = _Fitting(names, aside)
        short = replace(
            content,
            columns=[replace(c, name=names[c.name]) for c in content.columns],
            batches=map(fitting.fitted, content.batches),
        )
        with ogr.WARNINGS_TURN, warnings.catch_warnings():
            # GDAL warns of values that the format cuts, which have been seen to.
            warnings.simplefilter("ignore", RuntimeWarning)
            ogr.write(OgrFile(shp, ogr.SHAPEFILE, shp.name), short, {"ENCODING": "UTF-8"})
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as packed:
        for part in sorted(target.parent.glob(f"{content.layer}.*")):
            if part != target:
                _pack(packed, part, part.name)
        fields = _csv(_FIELDS_HEADING, [(s, f) for f, s in names.items()])
        packed.writestr(_member(FIELDS_CSV), fields)
        if values.stat().st_size:
            _pack(packed, values, VALUES_CSV)
    return tuple(fitting.seen)


class _Fitting:
    """Cuts batch by batch to what a DBF holds; what was cut goes whole to a file."""

    def __init__(self, names: Mapping[str, str], aside: BinaryIO) -> None:
        self.seen: list[Finding] = []
        self._names = names
        self._aside = aside
        self._before = 0

    def fitted(self, batch: Batch) -> Batch:
        whole: list[_Whole] = []
        columns = [_fitted(column, self._before, whole) for column in batch.columns]
        if whole:
            rows = [(w.row, w.column, w.value) for w in whole]
            begun = self._aside.tell() > 0
            pieces = csvfile.write(_VALUES_HEADING, [rows])
            self._aside.writelines(islice(pieces, int(begun), None))
        about = {"file": VALUES_CSV}
        self.seen += [Finding(VALUE_ABRIDGED, w.row, w.column, about) for w in whole if w.seen]
        self._before += len(batch.columns[0].missing)
        short = [replace(column, name=self._names[column.name]) for column in columns]
        return replace(batch, columns=short)


def _pack(packed: zipfile.ZipFile, part: Path, name: str) -> None:
    member = _member(name)
    member.file_size = part.stat().st_size  # beyond 2 GB it is written otherwise
    with part.open("rb") as read, packed.open(member, "w") as written:
        shutil.copyfileobj(read, written)


def _member(name: str) -> zipfile.ZipInfo:
    """A part of the zip without the moment at which it was made: equal content, equal bytes."""
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def _csv(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    return b"".join(csvfile.write(heading, [rows]))


def short_names(names: Sequence[str]) -> Mapping[str, str]:
    """A name of at most ten ASCII bytes for each, unique; cut ones that collide are numbered.

    >>> dict(short_names(["area_measured_m2", "area_measured_ha"]))
    {'area_measured_m2': 'area_measu', 'area_measured_ha': 'area_mea_1'}
    """
    short: dict[str, str] = {}
    for name in names:
        base = name.encode("ascii", "replace").decode().replace("?", "_")
        choice, number = base[:NAME_BYTES], 0
        while choice.lower() in short.values():
            number += 1
            choice = f"{base[: NAME_BYTES - 1 - len(str(number))]}_{number}"
        short[name] = choice.lower()
    return short


def _fitted(column: Column, before: int, whole: list[_Whole]) -> Column:
    """The column with every value cut to what a DBF holds; the cut ones go to `whole`, by the
    number of their row, so many rows having come `before`."""
    part = _PARTS.get(column.values.dtype.kind)
    if part is None:
        return column
    values = column.values.copy()
    for position in map(int, np.flatnonzero(_doubtful(column) & ~column.missing)):
        value = values[position]
        kept = part(value)
        if kept is not value:
            seen = isinstance(value, str) or math.isnan(kept)
            whole.append(_Whole(before + position + 1, column.name, str(value), seen))
            values[position] = kept
    return replace(column, values=values)


def _doubtful(column: Column) -> npt.NDArray[np.bool_]:
    """The values that may not fit; most can be told to fit without looking at each."""
    match column.values.dtype.kind:
        case "O":
            lengths = [0 if value is None else len(value) for value in column.values]
            return np.array(lengths, dtype=np.int64) * _CHARACTER_BYTES > _TEXT_BYTES
        case "i":
            large: npt.NDArray[np.bool_] = column.values > _EXACT_INTEGER
            return large | (column.values < -_EXACT_INTEGER)
        case _:
            return np.ones(len(column.values), dtype=bool)


def _text_part(value: str) -> str:
    encoded = value.encode()
    # What is left of the last character when it is cut is dropped.
    cut = encoded[:_TEXT_BYTES].decode("utf-8", "ignore")
    return value if len(encoded) <= _TEXT_BYTES else cut


def _decimal_part(value: np.float64) -> float:
    written = f"{value:.{_NUMBER_DECIMALS}f}"[:_NUMBER_CHARACTERS]
    kept = float(written) if "." in written else math.nan
    return value if kept == value else kept


def _integer_part(value: np.int64) -> int:
    # A DBF holds the digits, but beyond this every reader takes them for a rounded double.
    return int(value)


_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "O": _text_part,
    "f": _decimal_part,
    "i": _integer_part,
}
