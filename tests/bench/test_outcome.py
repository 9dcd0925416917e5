"""A run of the benches: what is kept of it, what is told of it, and what counts as worse."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench import __main__ as runner
from bench import figures, machine, outcome, page
from bench.figures import Figure
from bench.outcome import Done, Outcome

QUICKER = Figure(target="T5", what="export", ours=2, unit="s", peer="psql", theirs=8, ratio=4)
COST = replace(QUICKER, target="T10", what="tile", good="less", bound=1.15, ratio=1.1)
ALONE = Figure(target="T12", what="p99 | all", ours=0.2, unit="s", good="less", bound=0.1)
MACHINE = {
    "cores": 2,
    "memory_gb": 8.0,
    "system": "Debian",
    "load": [9.25, 4.0, 3.0],
    "versions": {"PostgreSQL": "15.1"},
}


def outcome_of(*found: Figure, size: str = "quick", code: int = 0) -> Outcome:
    bench = Done("exports", ("20", "var"), 3.2, code, found)
    return Outcome(size, "make bench-quick", "2026-11-23 21:00 UTC", MACHINE, (bench,))


@pytest.mark.parametrize(
    ("figure", "ratio", "is_worse"),
    [
        (QUICKER, 4.0, False),
        (QUICKER, 40.0, False),
        (QUICKER, 3.4, False),  # 18 % more time
        (QUICKER, 3.2, True),
        (QUICKER, 0.0, True),
        (COST, 0.5, False),
        (COST, 1.3, False),  # over its target, but within the fifth
        (COST, 1.4, True),
    ],
)
def test_a_ratio_that_got_worse_by_more_than_a_fifth_is_found_and_only_that(
    figure: Figure, ratio: float, is_worse: bool
) -> None:
    before = outcome_of(QUICKER, COST, ALONE)
    others = [each for each in (QUICKER, COST) if each is not figure]
    now = outcome_of(*others, replace(figure, ratio=ratio), replace(ALONE, ours=9))
    found = outcome.regressions(before, now)
    assert [each.figure.what for each in found] == ([figure.what] if is_worse else [])


def test_runs_of_two_sizes_benches_asked_otherwise_and_new_figures_are_not_compared() -> None:
    worse = replace(QUICKER, ratio=1)
    assert not outcome.regressions(outcome_of(QUICKER, size="full"), outcome_of(worse))
    assert not outcome.regressions(outcome_of(), outcome_of(worse))
    smaller = replace(outcome_of(worse).benches[0], arguments=("10", "var"))
    now = replace(outcome_of(), benches=(smaller,))
    assert not outcome.regressions(outcome_of(QUICKER), now)
    assert not outcome.regressions(
        outcome_of(replace(worse, peer="tipg", ratio=9)), outcome_of(worse)
    )


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = {"quick": outcome_of(QUICKER.over([3, 5]), COST, ALONE), "full": outcome_of(size="full")}
    outcome.write(tmp_path / "kept.json", kept)
    assert outcome.read(tmp_path / "kept.json") == kept
    assert outcome.read(tmp_path / "none.json") == {}
    told = json.loads((tmp_path / "kept.json").read_text())["quick"]["benches"][0]["figures"]
    assert [each["met"] for each in told] == [None, True, False]


def test_the_table_tells_what_was_found() -> None:
    spread = replace(QUICKER, bound=5, peak_mb=123, growth=1.02).over([3.5, 4.5])
    text = page.section(outcome_of(spread, COST, ALONE, code=3))
    assert (
        "| T5 | export | 2 s | psql 8 | 4 | 3.5–4.5 (2) | ≥ 5 | **missed** | 123 | 1.02 |" in text
    )
    assert "| T10 | tile | 2 s | psql 8 | 1.1 | (1) | ≤ 1.15 | met |" in text
    assert "p99 / all" in text  # a stroke would begin another column
    assert "9.2, 4.0, 3.0" in text
    assert "`make bench-quick`, 2026-11-23 21:00 UTC" in text
    targets = {line[2:].split(" ")[0]: line for line in text.splitlines() if " of " in line}
    assert targets["T5"].endswith("| 0 of 1 | **missed** |")
    assert targets["T10"].endswith("| 1 of 1 | met |")
    assert "| not measured | – |" in text
    assert "| `bench.exports 20 var` | 3 | **failed**, exit code 3 |" in text


def test_the_page_says_when_no_run_of_full_size_is_kept() -> None:
    assert "No run of `make bench` at full size" in page.whole({"quick": outcome_of(COST)})
    assert "No run of" not in page.whole({"full": outcome_of(COST, size="full")})


def test_the_kept_page_is_as_the_kept_json_would_write_it() -> None:
    kept = outcome.read(runner.DOCS / runner.KEPT)
    text = (runner.DOCS / "performance.md").read_text(encoding="utf-8")
    assert text == page.whole(kept), "run: make bench-quick OPTIONS=--keep"


# --- running --------------------------------------------------------------------------------------
@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Two benches: one fails after its first figure, the other tells what it was asked."""
    folder = tmp_path / "some_benches"
    folder.mkdir()
    figure = "from bench.figures import Figure, note\nimport sys\n"
    figure += "note(Figure(target='T1', what=' '.join(sys.argv[1:]), ours=1, unit='s'))\n"
    (folder / "falls.py").write_text(f"{figure}sys.exit(3)\n")
    (folder / "stands.py").write_text(figure)
    root = str(Path(runner.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{root}")
    yield "some_benches"
    sys.modules.pop("some_benches", None)


def test_a_bench_that_fails_is_told_of_and_stops_no_other(
    package: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    benches = [runner.Bench("falls", ("20", "3")), runner.Bench("stands", ("7",))]
    found = runner.run_all("quick", benches, lambda bench, size: runner.run(bench, size, package))
    assert [(each.name, each.code) for each in found.benches] == [("falls", 3), ("stands", 0)]
    assert [each.what for each in found.figures] == ["20 3", "7"]
    assert not runner.tell(found, tmp_path)
    assert "!!! FAILED falls, exit code 3" in capfd.readouterr().out


def test_a_bench_of_full_size_is_asked_without_arguments(package: str) -> None:
    done = runner.run(runner.Bench("stands", ("7",)), "full", package)
    assert [each.what for each in done.figures] == [""]


def test_what_is_kept_is_compared_with_and_told_loudly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.keep(outcome_of(QUICKER), tmp_path)
    runner.keep(outcome_of(replace(QUICKER, ratio=9), size="full"), tmp_path)
    assert outcome.read(tmp_path / runner.KEPT)["quick"] == outcome_of(QUICKER)
    assert (tmp_path / "performance.md").read_text().count("| T5 | export |") == 2
    assert runner.tell(outcome_of(replace(QUICKER, ratio=3.9)), tmp_path)
    assert "REGRESSION" not in capsys.readouterr().out
    assert not runner.tell(outcome_of(replace(QUICKER, ratio=2)), tmp_path)
    assert "!!! REGRESSION T5 export, beside psql: 4 → 2" in capsys.readouterr().out


def test_a_bench_that_is_run_by_itself_notes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(figures.NOTED, raising=False)
    figures.note(QUICKER)
    assert figures.noted(tmp_path / "figures") == ()
    monkeypatch.setenv(figures.NOTED, str(tmp_path / "figures"))
    figures.note(QUICKER, COST)
    figures.note(ALONE)
    assert figures.noted(tmp_path / "figures") == (QUICKER, COST, ALONE)


def test_every_bench_of_the_folder_is_run_by_the_runner() -> None:
    folder = Path(runner.__file__).parent
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    told = {name for name, text in texts.items() if "note(" in text and name != "figures"}
    assert told == {bench.name for bench in runner.BENCHES}
    assert all(f"python -m bench.{bench.name} [" in texts[bench.name] for bench in runner.BENCHES)


def test_the_machine_is_described() -> None:
    found = machine.described()
    assert len(found["load"]) == 3
    assert found["memory_gb"] > 0
    assert found["versions"]["PostgreSQL"] != "none"
    assert found["versions"]["PostGIS"] != "none"
