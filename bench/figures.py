"""What a bench found, told as values: each bench notes them here beside what it prints.

`python -m bench` names a file in the environment into which they go, a line each as they come, so
that those of a bench which fails later are kept. A bench that is run by itself notes nothing.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

NOTED = "GRIDFIELD_BENCH_FIGURES"
"""The variable that names the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. It is judged by its ratio if it has one, by `ours` else, against `bound`."""

    target: str  # T9; what has none says of what it is
    what: str
    ours: float
    unit: str
    peer: str = ""
    theirs: float | None = None
    ratio: float | None = None  # between ours and theirs, the way round in which the target is put
    good: Literal["more", "less"] = "more"
    bound: float | None = None
    low: float | None = None  # least and most of what is judged, over the runs
    high: float | None = None
    runs: int = 1
    peak_mb: float | None = None
    growth: float | None = None  # exponent from the smallest to the largest size

    @property
    def judged(self) -> float:
        return self.ours if self.ratio is None else self.ratio

    @property
    def met(self) -> bool | None:
        """Whether its target is reached; None for one without."""
        if self.bound is None:
            return None
        return self.judged >= self.bound if self.good == "more" else self.judged <= self.bound

    def over(self, judged: Sequence[float]) -> Self:
        """The same with its spread: what is judged, run by run."""
        return replace(self, low=min(judged), high=max(judged), runs=len(judged))

    def told(self) -> dict[str, Any]:
        """For JSON, with its verdict."""
        return {**asdict(self), "met": self.met}

    @classmethod
    def read(cls, found: dict[str, Any]) -> Self:
        return cls(**{name: value for name, value in found.items() if name != "met"})


def part(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours over theirs, turn by turn."""
    return [one / two for one, two in zip(ours, theirs, strict=True)]


def note(*figures: Figure) -> None:
    """Tell them to whoever asked for them; nobody, where a bench is run by itself."""
    if path := os.environ.get(NOTED):
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(each.told(), ensure_ascii=False) + "\n" for each in figures)


def noted(path: Path) -> tuple[Figure, ...]:
    """What was noted into a file; nothing, if there is none."""
    if not path.exists():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(Figure.read(json.loads(line)) for line in lines)
