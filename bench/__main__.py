"""All benches, one after the other, each a process of its own; then one table of what they found.

Run: python -m bench [--quick] [--keep] [--only NAME …]. Writes bench/results/full.json and .md, or
quick.json and .md, and compares with the run of the same size that docs/performance.json keeps.
--keep makes this run the kept one and writes docs/performance.md anew. A bench that fails is told
of and stops nothing. Exit code 1: one failed, or a ratio got worse by more than a fifth.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import machine, outcome, page
from bench.figures import NOTED, noted
from bench.outcome import Done, Outcome

ROOT = Path(__file__).parents[1]
RESULTS, DOCS = ROOT / "bench" / "results", ROOT / "docs"
KEPT = "performance.json"
FOLDER = "var/bench"


@dataclass(frozen=True, slots=True)
class Bench:
    """A module of this folder, and its arguments where it is to be quick."""

    name: str
    quick: tuple[str, ...]

    def arguments(self, size: str) -> tuple[str, ...]:
        return self.quick if size == "quick" else ()


BENCHES = (
    Bench("datum", ("100000",)),
    Bench("coverage", ("10000",)),
    Bench("rights", ("20000",)),
    Bench("imports", ("2000", "20000", "1")),
    Bench("loads", ("20000", "2000", "1")),
    Bench("whois", ("2500", "10000")),
    Bench("inspectors", ("100", "2")),
    Bench("ledger", ("20000",)),
    Bench("tiles", ("20000", FOLDER, "3")),
    Bench("exports", ("20000", FOLDER, "1")),
    Bench("maps", ("20000", "3", "60")),
    Bench("outbox", ("20",)),
    Bench("field_page", ("1",)),
)


def run(bench: Bench, size: str, package: str = "bench") -> Done:
    """One bench in a process of its own; what it noted before it failed, if it does."""
    arguments = bench.arguments(size)
    print(f"\n=== {' '.join((bench.name, *arguments))}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.jsonl"
        begun = time.monotonic()
        code = subprocess.run(
            [sys.executable, "-m", f"{package}.{bench.name}", *arguments],
            env={**os.environ, NOTED: str(figures)},
            check=False,
        ).returncode
        done = Done(bench.name, arguments, time.monotonic() - begun, code, noted(figures))
    if code:
        print(f"!!! {bench.name} FAILED with exit code {code}; the others go on", flush=True)
    return done


def run_all(size: str, benches: Sequence[Bench], one: Callable[[Bench, str], Done]) -> Outcome:
    begun, here = datetime.now(UTC), machine.described()  # the load before we make it
    done = tuple(one(bench, size) for bench in benches)
    command = "make bench-quick" if size == "quick" else "make bench"
    return Outcome(size, command, f"{begun:%Y-%m-%d %H:%M} UTC", here, done)


def tell(found: Outcome, docs: Path) -> bool:
    """Print the table and the verdict; whether nothing failed and nothing got worse."""
    print("\n" + page.section(found))
    before = outcome.read(docs / KEPT).get(found.size)
    worse = outcome.regressions(before, found) if before else ()
    if before is None:
        print(f"no run of this size is kept in docs/{KEPT}: compared with nothing")
    for each in worse:
        print(f"!!! REGRESSION {each}")
    for bench in found.failed:
        print(f"!!! FAILED {bench.name}, exit code {bench.code}")
    return not worse and not found.failed


def write(found: Outcome, results: Path) -> None:
    results.mkdir(parents=True, exist_ok=True)
    outcome.write(results / f"{found.size}.json", {found.size: found})
    (results / f"{found.size}.md").write_text(page.section(found), encoding="utf-8")


def keep(found: Outcome, docs: Path) -> None:
    """From now on runs of this size are compared with this one."""
    kept = {**outcome.read(docs / KEPT), found.size: found}
    outcome.write(docs / KEPT, kept)
    told = outcome.read(docs / KEPT)  # rounded once: the page says what is kept
    (docs / "performance.md").write_text(page.whole(told), encoding="utf-8")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="small sizes, some minutes")
    parser.add_argument("--keep", action="store_true", help="compare with this run from now on")
    names = [bench.name for bench in BENCHES]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    found = parser.parse_args()
    if found.keep and found.only != names:
        parser.error("only a run of all benches is kept")
    return found


def main() -> int:
    asked = options()
    os.chdir(ROOT)
    chosen = [bench for bench in BENCHES if bench.name in asked.only]
    found = run_all("quick" if asked.quick else "full", chosen, run)
    write(found, RESULTS)
    good = tell(found, DOCS)
    if asked.keep:
        keep(found, DOCS)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
