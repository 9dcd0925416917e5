"""What a run of all benches came to, as it is kept in JSON, and how it compares with another."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.figures import Figure

TOLERATED = 1.2
"""A ratio may get worse by this factor before it is called a regression."""


@dataclass(frozen=True, slots=True)
class Done:
    """One bench: how it was asked, for how many seconds it ran, its exit code, what it found."""

    name: str
    arguments: Sequence[str]
    seconds: float
    code: int
    figures: Sequence[Figure]

    def told(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "arguments": list(self.arguments),
            "seconds": round(self.seconds, 1),
            "code": self.code,
            "figures": [each.told() for each in self.figures],
        }

    @classmethod
    def read(cls, found: dict[str, Any]) -> Self:
        figures = tuple(Figure.read(each) for each in found.pop("figures"))
        return cls(**{**found, "arguments": tuple(found.pop("arguments")), "figures": figures})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole run of one size, `full` or `quick`."""

    size: str
    command: str
    begun: str
    machine: Mapping[str, Any]
    benches: Sequence[Done]

    @property
    def figures(self) -> Iterator[Figure]:
        return (figure for bench in self.benches for figure in bench.figures)

    @property
    def failed(self) -> Sequence[Done]:
        return [bench for bench in self.benches if bench.code]

    def told(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "command": self.command,
            "begun": self.begun,
            "machine": dict(self.machine),
            "benches": [each.told() for each in self.benches],
        }

    @classmethod
    def read(cls, found: dict[str, Any]) -> Self:
        benches = tuple(Done.read(each) for each in found["benches"])
        return cls(**{**found, "benches": benches})


Kept = Mapping[str, Outcome]
"""The last run of each size that is kept."""


def read(path: Path) -> Kept:
    """The kept runs; none, where there is no file yet."""
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {size: Outcome.read(each) for size, each in found.items()}


def write(path: Path, kept: Kept) -> None:
    told = {size: each.told() for size, each in sorted(kept.items())}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


# --- beside another run ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Regression:
    """A figure whose ratio was this once, and by what factor it is worse now."""

    figure: Figure
    before: float
    worse: float

    def __str__(self) -> str:
        now = self.figure
        told = f"{now.target} {now.what}, beside {now.peer}"
        spread = "" if now.low is None else f" (its rounds: {now.low:.3g} to {now.high:.3g})"
        return f"{told}: {self.before:.3g} → {now.ratio:.3g}{spread}, {self.worse:.2f} times as bad"


def regressions(before: Outcome, now: Outcome) -> Sequence[Regression]:
    """Ratios that got worse by more than is tolerated, of benches that were asked alike."""
    once = dict(_keyed(before))
    found = []
    for key, figure in _keyed(now):
        was = once[key].ratio if key in once else None
        if was and figure.ratio is not None:
            worse = _worse(was, figure)
            if worse > TOLERATED:
                found.append(Regression(figure, was, worse))
    return found


def _keyed(run: Outcome) -> Iterator[tuple[tuple[object, ...], Figure]]:
    for bench in run.benches:
        for figure in bench.figures:
            asked = (run.size, bench.name, tuple(bench.arguments))
            yield (*asked, figure.target, figure.what, figure.peer), figure


def _worse(before: float, figure: Figure) -> float:
    now = figure.ratio or 0.0
    if figure.good == "less":
        return now / before
    return before / now if now else float("inf")
