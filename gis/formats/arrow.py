"""Columns handed to GDAL batch by batch, by the Arrow C data and stream interfaces.

https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html. GDAL asks for a
batch when it has written the last one, so that no more than one of them is held. The whole library
that otherwise speaks this would weigh a hundred times more than what is needed of it.
"""

import ctypes
import errno
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

# By NumPy's letter for the kind of an array; texts are objects there.
_FORMATS: Mapping[str, bytes] = {"O": b"u", "i": b"l", "f": b"g", "M": b"tdD", "b": b"b"}
_BINARY, _STRUCT = b"z", b"+s"
_NULLABLE = 2
_NAME = b"arrow_array_stream"
_Buffer = npt.NDArray[Any] | bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a batch: `values` with a NumPy type, `missing` true where there is none."""

    name: str
    values: npt.NDArray[Any]
    missing: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some rows: their columns, and their geometries as WKB unless it is a table of attributes."""

    columns: Sequence[Column]
    shapes: Sequence[bytes] | None = None


class Batches:
    """Batches of one shape as an Arrow stream, to be taken once. `columns` are of any of them.

    `fault` is what went wrong where a batch was made: whoever takes them is told only that it did.
    """

    def __init__(self, batches: Iterable[Batch], columns: Sequence[Column], shape: str | None):
        self.fault: BaseException | None = None
        self._batches = iter(batches)
        self._fields = [(c.name.encode(), _FORMATS[c.values.dtype.kind]) for c in columns]
        if shape is not None:
            self._fields.append((shape.encode(), _BINARY))
        self._stream = _Stream(
            _GetSchema(self._get_schema), _GetNext(self._get_next), _LastError(_no_word), _END, None
        )

    def __arrow_c_stream__(self, _: object = None) -> object:
        """The stream in a capsule; it lives as long as this object."""
        return _capsule(ctypes.byref(self._stream), _NAME, None)

    def _get_schema(self, _: object, out: Any) -> int:
        children = [_schema(name, form) for name, form in self._fields]
        _moved(_schema(b"", _STRUCT, children), out)
        return 0

    def _get_next(self, _: object, out: Any) -> int:
        try:
            batch = next(self._batches, None)
            if batch is None:
                out.contents.release = _RELEASED
            else:
                _moved(_whole(batch), out)
        except BaseException as fault:
            self.fault = fault
            return errno.EIO
        return 0


# --- columns as buffers ---------------------------------------------------------------------------
def _whole(batch: Batch) -> "_Array":
    children = [_array(c.missing, *_buffers(c)) for c in batch.columns]
    if batch.shapes is not None:
        nothing = np.zeros(len(batch.shapes), dtype=bool)
        children.append(_array(nothing, *_strung(batch.shapes)))
    length = children[0].length if children else 0
    return _made(length, 0, [None], children)


def _array(missing: npt.NDArray[np.bool_], *buffers: _Buffer) -> "_Array":
    nulls = int(missing.sum())
    valid = np.packbits(~missing, bitorder="little") if nulls else None
    return _made(len(missing), nulls, [valid, *buffers], [])


def _buffers(column: Column) -> tuple[_Buffer, ...]:
    values = column.values
    match values.dtype.kind:
        case "O":
            return _strung([b"" if value is None else value.encode() for value in values])
        case "M":
            days = np.where(column.missing, np.datetime64(0, "D"), values)
            return (days.astype("datetime64[D]").astype(np.int64).astype(np.int32),)
        case "b":
            return (np.packbits(values, bitorder="little"),)
        case _:
            return (np.ascontiguousarray(values),)


def _strung(values: Sequence[bytes]) -> tuple[_Buffer, ...]:
    ends = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum([len(value) for value in values], out=ends[1:])
    return ends, b"".join(values)


# --- the structures of the interface --------------------------------------------------------------
class _Schema(ctypes.Structure):
    private_data: int


class _Array(ctypes.Structure):
    length: int
    private_data: int


class _Stream(ctypes.Structure):
    pass


_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_GetSchema = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Schema))
_GetNext = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Array))
_LastError = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
_RELEASED = _Release()

_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
    ("release", _Release),
    ("private_data", ctypes.c_void_p),
]
_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.POINTER(_Array)),
    ("release", _Release),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", _GetSchema),
    ("get_next", _GetNext),
    ("get_last_error", _LastError),
    ("release", _Release),
    ("private_data", ctypes.c_void_p),
]

_Structure = TypeVar("_Structure", _Schema, _Array)
# What a structure points to, kept until whoever has taken it says that it is done.
_HELD: dict[int, object] = {}
_NUMBERS = itertools.count(1)


def _no_word(_: object) -> None:
    return None


def _let_go(kind: Any) -> Any:
    def release(address: int) -> None:
        structure = kind.from_address(address)
        for n in range(getattr(structure, "n_children", 0)):
            child = structure.children[n].contents
            if child.release:  # else it has been taken away, and is let go elsewhere
                child.release(ctypes.addressof(child))
        _HELD.pop(structure.private_data or 0, None)
        structure.release = _RELEASED

    return _Release(release)


_SCHEMA_DONE, _ARRAY_DONE, _END = _let_go(_Schema), _let_go(_Array), _let_go(_Stream)


def _schema(name: bytes, form: bytes, children: Sequence[_Schema] = ()) -> _Schema:
    pointers = _pointers(_Schema, children)
    made = _Schema(form, name, None, _NULLABLE, len(children), pointers, None, _SCHEMA_DONE, None)
    return _kept(made, form, name, pointers, children)


def _made(
    length: int, nulls: int, buffers: Sequence[_Buffer], children: Sequence[_Array]
) -> _Array:
    addresses = (ctypes.c_void_p * len(buffers))(*map(_address, buffers))
    pointers = _pointers(_Array, children)
    made = _Array(
        length,
        nulls,
        0,
        len(buffers),
        len(children),
        ctypes.cast(addresses, ctypes.POINTER(ctypes.c_void_p)),
        pointers,
        None,
        _ARRAY_DONE,
        None,
    )
    return _kept(made, addresses, pointers, buffers, children)


def _kept(made: _Structure, *parts: object) -> _Structure:
    made.private_data = next(_NUMBERS)
    _HELD[made.private_data] = parts
    return made


def _moved(made: Any, out: Any) -> None:
    """Into the structure of whoever asked; what it points to stays where it is."""
    ctypes.memmove(out, ctypes.byref(made), ctypes.sizeof(made))


def _address(buffer: _Buffer) -> int | None:
    if buffer is None:
        return None
    if isinstance(buffer, bytes):
        return ctypes.cast(ctypes.c_char_p(buffer), ctypes.c_void_p).value
    return int(buffer.ctypes.data)


def _pointers(kind: Any, children: Sequence[Any]) -> Any:
    pointers = (ctypes.POINTER(kind) * len(children))(*map(ctypes.pointer, children))
    return ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(kind)))


_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_capsule.restype = ctypes.py_object
