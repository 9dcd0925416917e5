"""docs/performance.md and what a run prints: tables of the figures that JSON keeps."""

from collections.abc import Iterator, Mapping
from itertools import chain

from bench.figures import Figure
from bench.outcome import Done, Kept, Outcome

TARGETS: Mapping[str, str] = {
    "T1": "tiles z14 and z16, uncached: ≥ 4× and ≥ 7× tipg; one client ≤ 1.5× ST_AsMVT",
    "T2": "tiles z6–z12: ≥ 25× tipg at z11 and z12, p99 ≤ 60 ms, ≤ 100 KB",
    "T3": "a repeated tile, before and after an edit: ≥ 8,000 a second",
    "T4": "thematic map of 1,000,000: page, paint, memory, panning, clicks",
    "T5": "GeoJSON export: ≥ 10× GeoPandas, ≥ 2× ogr2ogr, ≤ 1.6× psql, first byte ≤ 50 ms, +40 MB",
    "T6": "GPKG and FGB export: ≥ 1.5× GeoPandas, peak ≤ 300 MB",
    "T7": "imports: ≥ 3× (points), ≥ 4× (polygons) to_postgis, no slower than ogr2ogr",
    "T8": "who answers for a point: p50 ≤ 2 ms, p99 ≤ 10 ms; batches ≥ 1.5× sjoin",
    "T9": "records from the field: ≥ 4× an ORM, ≥ 0.35× the bare INSERT, p99 ≤ 150 ms",
    "T10": "rights in the database: ≤ 1.15× the time without",
    "T11": "topology of 100,000 fields: ≤ 4 s, ≤ 1 GB, growth ≤ 1.1",
    "T12": "dashboard p99 ≤ 100 ms, monthly report ≤ 3 s, over 1,000,000 cases",
    "T13": "GCJ-02: ≥ 4 M points a second forward, ≥ 1 M back",
    "T14": "second start of the demo ≤ 5 s, import of the application ≤ 1.5 s",
    "T15": "growth: exports, imports, batches ≤ 1.05; single look-ups ≤ 0.2; tiles z16 ≤ 0.35",
}

HEAD = """# Speed
Generated from [performance.json](performance.json) by `python -m bench --keep` or `--quick --keep`.

## How to read it
- **ours** and **beside** were measured in the same run on the same machine, in turns wherever the
  work allows it. Only the **ratio** between them says something about another machine; seconds and
  milliseconds belong to this machine and to what else it did meanwhile (see its load).
- **ratio** is put as its target puts it: "≥ 4" wants ours to be so many times as good, "≤ 1.5"
  wants ours to cost no more than that. What has no ratio is judged by **ours**.
- **spread** is the least and the most over the **runs**; the figure itself is their median.
- Targets are meant for the sizes of `make bench` (up to 1,000,000). What a quick run meets or
  misses at its small sizes **shows that the benches work and whether a ratio moved, not that a
  target is reached**: where data are few, fixed costs weigh more on both sides.
- **No bench measures yet**: T4 and T14; z6–z10 of T2; tipg and pygeoapi for T5; Parquet for T6;
  to_postgis and ogr2ogr for T7; T8 over HTTP with 16 askers. A verdict is on what was measured.
- `make bench` and `make bench-quick` compare with the run of the same size kept here: a ratio that
  got worse by more than 20 % is shown and makes the exit code 1. They write `bench/results/`;
  `make bench OPTIONS=--keep` (or `bench-quick`) replaces what is kept, and this page.
"""
EMPTY = "–"


def whole(kept: Kept) -> str:
    """The page."""
    sections = [section(kept[size]) for size in ("full", "quick") if size in kept]
    if "full" not in kept:
        sections.insert(0, "No run of `make bench` at full size is kept here yet.\n")
    return "\n".join([HEAD, *sections])


def section(found: Outcome) -> str:
    """One run."""
    return "\n".join(chain(_made(found), _targets(found), _figures(found), _benches(found))) + "\n"


def _made(found: Outcome) -> Iterator[str]:
    here = found.machine
    yield f"## `{found.command}`, {found.begun}"
    load = ", ".join(f"{each:.1f}" for each in here["load"])
    yield (
        f"{here['cores']} cores, {here['memory_gb']} GB, {here['system']}. "
        f"Load average at the start (1, 5, 15 minutes): {load}."
    )
    yield ", ".join(f"{name} {version}" for name, version in here["versions"].items()) + "."
    yield ""


def _targets(found: Outcome) -> Iterator[str]:
    yield "| target | | figures met | verdict |"
    yield "|---|---|---|---|"
    for name, text in TARGETS.items():
        judged = [each.met for each in found.figures if each.target == name]
        judged = [met for met in judged if met is not None]
        verdict = EMPTY if not judged else "met" if all(judged) else "**missed**"
        counted = f"{sum(map(bool, judged))} of {len(judged)}" if judged else "not measured"
        yield f"| {name} | {text} | {counted} | {verdict} |"
    yield ""


def _figures(found: Outcome) -> Iterator[str]:
    yield "| | what | ours | beside | ratio | spread (runs) | target | | peak MB | growth |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for figure in found.figures:
        yield row(figure)
    yield ""


def row(figure: Figure) -> str:
    """A line of the table."""
    cells = (
        figure.target,
        figure.what,
        f"{number(figure.ours)} {figure.unit}",
        f"{figure.peer} {number(figure.theirs)}".strip(),
        number(figure.ratio),
        _spread(figure),
        _wanted(figure),
        {True: "met", False: "**missed**", None: ""}[figure.met],
        number(figure.peak_mb),
        number(figure.growth),
    )
    return f"| {' | '.join(each.replace('|', '/') for each in cells)} |"


def number(value: float | None) -> str:
    """Three digits, or all of those before the point."""
    if value is None:
        return EMPTY
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _spread(figure: Figure) -> str:
    if figure.low is None or figure.high is None or figure.runs == 1:
        return f"({figure.runs})"
    return f"{number(figure.low)}–{number(figure.high)} ({figure.runs})"


def _wanted(figure: Figure) -> str:
    if figure.bound is None:
        return ""
    return f"{'≥' if figure.good == 'more' else '≤'} {number(figure.bound)}"


def _benches(found: Outcome) -> Iterator[str]:
    yield "| bench | seconds | |"
    yield "|---|---|---|"
    for bench in found.benches:
        yield f"| {_asked(bench)} | {bench.seconds:.0f} | {_ended(bench)} |"


def _asked(bench: Done) -> str:
    return f"`{' '.join(('bench.' + bench.name, *bench.arguments))}`"


def _ended(bench: Done) -> str:
    return f"**failed**, exit code {bench.code}" if bench.code else ""
