"""How a file was understood: what a person is shown before anything is stored, and the record."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from gis.datum import Datum
from gis.reproject import HelmertParameters


class Basis(StrEnum):
    """Why something is believed, the strongest first.

    TOLD by a person; STATED by the file in a way that leaves nothing open; LABELLED by the file,
    although such labels are known to lie; ASSUMED where the file says nothing.
    """

    TOLD = "told"
    STATED = "stated"
    LABELLED = "labelled"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Hints:
    """What a person says about a file that the file does not say, or says wrongly.

    `crs` is an EPSG code, `encoding` a name that Python knows, `layer` one of several in the file
    (a sheet of a workbook), `datum` what its longitudes and latitudes refer to, `parameters` lead
    from its CRS to WGS 84 where nothing public does, `heading` is the row of a table that names
    its columns, counted from 1. A table that is not `placed` says no place, such as a list of
    people; one that may be `unplaced` need not say any.
    """

    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    datum: Datum | None = None
    parameters: HelmertParameters | None = None
    heading: int | None = None
    placed: bool = True
    unplaced: bool = False


@dataclass(frozen=True, slots=True)
class Belief:
    """What was believed of one file.

    `encoding` is Python's name of it, None where the format leaves no choice. `crs` is what the
    coordinates were read as ("EPSG:4522"), `operation` what was done to come to WGS 84 (as
    `gis.reproject.Applied.record`; None when nothing was). `datum` says what longitudes and
    latitudes were taken to refer to. `part` is the sheet or layer that was read, one of `parts`;
    `heading` is the row of a table that names its columns, counted from 1. Of what is not `placed`
    nothing was asked about coordinates.
    """

    crs: str
    crs_basis: Basis
    datum: Datum
    datum_basis: Basis
    encoding: str | None = None
    operation: Mapping[str, Any] | None = None
    part: str | None = None
    parts: tuple[str, ...] = ()
    heading: int | None = None
    placed: bool = True

    @property
    def datum_in_doubt(self) -> bool:
        """Whether the coordinates may be GCJ-02 or BD-09 for all that the file says."""
        return self.datum_basis in {Basis.LABELLED, Basis.ASSUMED}

    def record(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)
