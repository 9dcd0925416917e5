"""The readings of the law under which structures come down, as data with their effective dates."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from gis.errors import Problem
from layers.declaring.labels import Label
from layers.declaring.papers import Kind
from layers.refusals.structures import UNKNOWN_POLICY

_FILE = Path(__file__).parents[1] / "vocabulary" / "demolition.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What has to be over before force may be used, from the day `since` on.

    `waits` are names of terms (`layers.structures.lawful`), `needs` documents that must have been
    served; `standard` is the clause of each term.
    """

    name: str
    label: Label
    since: date
    waits: frozenset[str]
    needs: tuple[Kind, ...]
    reconsideration_days: int
    litigation_months: int
    after_reconsideration_days: int
    appeal_days: int
    publication_days: int
    reminder_days: int
    announcement_days: int
    standard: Mapping[str, str]

    def __hash__(self) -> int:
        return hash((self.name, self.since))


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Under which clause a structure is dealt with, by its land and whether it is temporary."""

    name: str
    label: Label
    standard: str
    land: str | None = None
    temporary: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """So many days after it was struck off a structure is looked at again; `field` says it was."""

    after_days: int
    field: str
    since: date
    standard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """So many working days a party has to ask for a hearing, from the day `since` on."""

    working_days: int
    since: date
    standard: str


@dataclass(frozen=True, slots=True)
class Policies:
    """All that the file says. `night` begins and ends at these times of the day."""

    default: str
    entries: tuple[Policy, ...]
    night: tuple[time, time]
    area_tolerance: float
    position_noise_m: float
    noise_deviations: float
    tracks: tuple[Track, ...]
    look_backs: tuple[LookBack, ...]
    hearings: tuple[Hearing, ...]

    def hearing(self, on: date) -> Hearing:
        """How long a hearing may be asked for after a notice of that day."""
        begun = [each for each in self.hearings if each.since <= on]
        return max(begun or self.hearings[:1], key=lambda each: each.since)

    @property
    def names(self) -> Mapping[str, Label]:
        """Every policy with what it is called."""
        return {each.name: each.label for each in self.entries}

    def policy(self, name: str | None, on: date | None) -> Policy:
        """The policy of that name, or the default, as it is in force on a day.

        Without a day the latest; before its first day, that. Problem(UNKNOWN_POLICY).
        """
        own = [each for each in self.entries if each.name == (name or self.default)]
        if not own:
            raise Problem(UNKNOWN_POLICY, name=name, known=", ".join(self.names))
        own.sort(key=lambda each: each.since)
        begun = [each for each in own if on is None or each.since <= on]
        return begun[-1] if begun else own[0]

    def track(self, land: str | None, *, temporary: bool | None) -> Track:
        """The track of a structure: what is said most exactly decides, else the first."""
        if temporary:
            return next(each for each in self.tracks if each.temporary)
        return next((each for each in self.tracks if land and each.land == land), self.tracks[0])


@cache
def policies() -> Policies:
    """Those of the file."""
    found = tomllib.loads(_FILE.read_text("utf-8"))
    begins, ends = (time.fromisoformat(text) for text in found["night"])
    return Policies(
        default=found["default"],
        entries=tuple(_policy(entry) for entry in found["policies"]),
        night=(begins, ends),
        area_tolerance=found["area_tolerance"],
        position_noise_m=found["position_noise_m"],
        noise_deviations=found["noise_deviations"],
        tracks=tuple(Track(**_labelled(entry)) for entry in found["tracks"]),
        look_backs=tuple(LookBack(**entry) for entry in found["look_back"]),
        hearings=tuple(Hearing(**entry) for entry in found["hearing"]),
    )


def _policy(entry: Mapping[str, Any]) -> Policy:
    needs: Sequence[str] = entry["needs"]
    told = {"waits": frozenset(entry["waits"]), "needs": tuple(Kind(name) for name in needs)}
    return Policy(**_labelled(entry) | told)


def _labelled(entry: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in entry.items() if name not in ("zh", "en")}
    return rest | {"label": Label(entry["zh"], entry["en"])}
