"""What the stored ground says about the datum of a file that leaves it open; nothing is decided."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa
from pyproj import Geod
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.belief import Belief
from gis.coordinates import Floats
from gis.crs_guess import datum_candidates
from gis.datum import Datum, convert
from gis.errors import Finding
from gis.geometry import Geometries
from layers.declaring.words import Layer
from layers.refusals.imports import DATUM_DOUBTFUL, DATUM_UNSAID
from layers.registry import Registry
from layers.schema.tables import table

Place = tuple[float, float]

NAMES: Mapping[Datum, str] = {
    Datum.WGS84: "WGS 84",
    Datum.GCJ02: "GCJ-02",
    Datum.BD09: "BD-09",
}
"""What people call the datums."""

# Two surveys of one thing may differ by this; the datums differ by a hundred metres and more.
_SAME_PLACE_M = 5.0
_NEGLIGIBLE_M = 0.5
_GEOD = Geod(ellps="WGS84")
# Of the features that are stored already, how many must lie where they are stored to prove it.
_NEARLY_ALL = 0.8
# How much more of a file must lie inside under another datum to speak against the one believed.
_PLAINLY_MORE = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """What follows if a file is of `datum`.

    `share_inside` is the share of its features within the stored divisions (None when there are
    none), `displacement_m` how far on average reading it as WGS 84 would be off, `control` how
    many features that are stored already lie within 5 m of where they are stored.
    """

    datum: Datum
    share_inside: float | None
    displacement_m: float
    control: int


@dataclass(frozen=True, slots=True)
class DatumEvidence:
    """The candidates in the order of `Datum`; `known` features of the file are stored already."""

    candidates: tuple[Candidate, ...]
    known: int

    @property
    def confirmed(self) -> Datum | None:
        """The one datum under which (nearly) all known features lie where they are stored."""
        if self.known == 0:
            return None
        enough = [c.datum for c in self.candidates if c.control >= _NEARLY_ALL * self.known]
        return enough[0] if len(enough) == 1 else None

    def contradicts(self, datum: Datum) -> bool:
        """Whether the stored ground speaks plainly for another datum than this one."""
        if self.confirmed is not None:
            return self.confirmed is not datum
        return self._share(self.likeliest) - self._share(datum) >= _PLAINLY_MORE

    @property
    def likeliest(self) -> Datum:
        """The datum that is confirmed, else the one that puts most of the file inside."""
        return self.confirmed or max((c.datum for c in self.candidates), key=self._share)

    def _share(self, datum: Datum) -> float:
        return next(c.share_inside or 0.0 for c in self.candidates if c.datum is datum)


def ground(connection: Connection, registry: Registry, layer: Layer) -> BaseGeometry | None:
    """The stored divisions as one area (WGS 84), where features of the layer should lie.

    They are the divisions that its own partition names, else those of another layer's partition.
    What has no places has none to be compared with.
    """
    if not layer.has_shape:
        return None
    parted = (each.partition for each in (layer, *registry.layers.values()))
    named = next((partition.of for partition in parted if partition), None)
    if named is None or named not in registry.layers:
        return None
    rows = table(registry.layers[named])
    union = sa.func.st_asbinary(sa.func.st_union(rows.c.geom))
    found = connection.scalar(sa.select(union).where(sa.func.st_isvalid(rows.c.geom)))
    return None if found is None else shapely.from_wkb(bytes(found))


def gather(
    belief: Belief, geometries: Geometries, area: BaseGeometry | None, control: Mapping[int, Place]
) -> DatumEvidence | None:
    """The evidence about a file whose longitudes and latitudes leave their datum open.

    `geometries` are the file's, as read by `belief`; `area` is the ground they should lie in;
    `control` says where the features of some rows (from 1) are stored, longitude and latitude.
    None where nothing is open: the datum is certain, or the three are one where the features lie.
    """
    if not belief.datum_in_doubt:
        return None
    centres = shapely.centroid(geometries)
    lon, lat = convert(shapely.get_x(centres), shapely.get_y(centres), Datum.WGS84, belief.datum)
    found = datum_candidates(lon, lat, shapely.Polygon() if area is None else area)
    if max(candidate.displacement_m for candidate in found) < _NEGLIGIBLE_M:
        return None
    rows = np.array([row - 1 for row in control], dtype=np.intp)
    stored = np.array(list(control.values()), dtype=np.float64).reshape(-1, 2)
    candidates = tuple(
        Candidate(
            each.datum,
            None if area is None else each.share_inside,
            each.displacement_m,
            _met(convert(lon[rows], lat[rows], each.datum, Datum.WGS84), stored),
        )
        for each in found
    )
    return DatumEvidence(candidates, len(control))


def _met(read: tuple[Floats, Floats], stored: npt.NDArray[np.float64]) -> int:
    """How many points lie where they are stored."""
    known = np.isfinite(read[0]) & np.isfinite(stored[:, 0])
    ends = (read[0][known], read[1][known], stored[known, 0], stored[known, 1])
    _, _, off_m = _GEOD.inv(*ends)
    return int(np.count_nonzero(np.asarray(off_m) <= _SAME_PLACE_M))


def doubts(belief: Belief, evidence: DatumEvidence | None) -> tuple[Finding, ...]:
    """What a person has to decide about the datum before the file is loaded."""
    if evidence is None or evidence.confirmed is belief.datum:
        return ()
    if not evidence.contradicts(belief.datum):
        return (Finding(DATUM_UNSAID, values={"datum": NAMES[belief.datum]}),)
    reason_zh, reason = _reasons(belief, evidence)
    values = {"datum": NAMES[belief.datum], "reason_zh": reason_zh, "reason": reason}
    return (Finding(DATUM_DOUBTFUL, values=values),)


def _reasons(belief: Belief, evidence: DatumEvidence) -> tuple[str, str]:
    other = evidence.likeliest
    name = NAMES[other]
    if evidence.confirmed is not None:
        met, known = _of(evidence, other).control, evidence.known
        return (
            f"按 {name} 读取时，{known} 个已有要素中有 {met} 个落在原位",
            f"read as {name}, {met} of {known} features lie where they are stored",
        )
    ours, theirs = (_of(evidence, datum).share_inside or 0.0 for datum in (belief.datum, other))
    return (
        f"落在区划内的只有 {ours:.0%}，按 {name} 读取则有 {theirs:.0%}",
        f"only {ours:.0%} lie within the divisions; read as {name}, {theirs:.0%} do",
    )


def _of(evidence: DatumEvidence, datum: Datum) -> Candidate:
    return next(candidate for candidate in evidence.candidates if candidate.datum is datum)
