"""The area on the site record beside that of the outline: told when they differ too much.

The first is authoritative and neither is ever written over the other.
"""

from math import sqrt

from gis.errors import Finding
from layers.refusals.structures import AREAS_DIFFER
from layers.structures.demolition_policies import Policies, policies


def noise_m2(
    area_m2: float, accuracy_m: float | None = None, known: Policies | None = None
) -> float:
    """By how much the area of an outline may be off for the noise of its corners alone.

    A square's area A, whose four corners each are off by s in both directions, has the standard
    deviation s * sqrt(2 A); `accuracy_m` is s where it is known.
    """
    known = known or policies()
    deviation = known.position_noise_m if accuracy_m is None else accuracy_m
    return known.noise_deviations * deviation * sqrt(2 * max(area_m2, 0))


def warning(
    measured_m2: float | None,
    computed_m2: float | None,
    accuracy_m: float | None = None,
    known: Policies | None = None,
) -> Finding | None:
    """What to tell where the two differ by more than noise explains; None where they agree."""
    if measured_m2 is None or computed_m2 is None:
        return None
    noise = noise_m2(max(measured_m2, computed_m2), accuracy_m, known)
    difference = abs(measured_m2 - computed_m2)
    if difference <= noise:
        return None
    values = {
        "measured": f"{measured_m2:g}",
        "computed": f"{computed_m2:g}",
        "difference": f"{difference:.1f}",
        "noise": f"{noise:.1f}",
    }
    return Finding(AREAS_DIFFER, column="area_computed_m2", values=values)
