"""What one person can look after, and the steps in which a load approaches that."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one person can look after: fields led, households and open cases in them, metres of
    road, and the least and most units that a liaison leader is linked to."""

    fields: int = 4
    households: int = 1500
    metres: float = 5000.0
    cases: int = 15
    least_units: int = 1
    most_units: int = 2


USUAL = Limits()
STEPS: Mapping[str, float] = MappingProxyType({"light": 0.5, "fair": 0.8, "full": 1.0})
"""A load is of the first step whose share of the limit it does not exceed."""
OVER = "over"
"""What exceeds the limit."""
