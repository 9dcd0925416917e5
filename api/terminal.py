"""What the commands print: sentences and tables that no file's text can steer."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from gis.errors import Finding, Lang
from layers.arriving import importing
from layers.arriving import report as import_report

_FINDINGS_SHOWN = 50
_PIPE_WIDTH = 240
_MORE = "…"
_STORING: Mapping[Lang, str] = {"zh": "数据库比对和写入", "en": "Comparing and storing"}
_FINDING_HEADING = {
    "zh": ("行", "列", "值", "原因", "建议"),
    "en": ("row", "column", "value", "reason", "suggestion"),
}


def plain(text: str) -> str:
    """Text from a file without what would steer the terminal or turn its direction."""
    return "".join(c if c.isprintable() else "�" for c in text)


def say(lang: Lang, chinese: str, english: str, *, err: bool = False) -> None:
    """One sentence, in the reader's language."""
    typer.echo(plain(chinese if lang == "zh" else english), err=err)


def show(
    heading: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    err: bool = True,
    whole: bool = True,
) -> None:
    """A table, on stderr unless it is the answer itself.

    Where it is wider than the terminal its cells are folded; without `whole`, columns before the
    last one are left out instead.
    """
    # What goes into a file or a pipe has no width of its own, and folding would only be in the way.
    terminal = (sys.stderr if err else sys.stdout).isatty()
    console = Console(stderr=err, width=None if terminal else _PIPE_WIDTH)
    lines = [[plain("" if cell is None else str(cell)) for cell in line] for line in rows]
    titles = [plain(title) for title in heading]
    if not whole:
        titles, *lines = _narrowed([titles, *lines], console.width)
    table = Table(expand=False, box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))
    console.print(table)


def _narrowed(lines: Sequence[Sequence[str]], room: int) -> list[list[str]]:
    """The columns that fit into so many cells, and the last one; a mark where some are missing."""
    widths = [max(map(cell_len, column)) + 3 for column in zip(*lines, strict=True)]
    room -= widths[-1] + cell_len(_MORE) + 3
    ends = list(accumulate(widths[:-1]))
    kept = sum(end <= room for end in ends)
    if kept == len(ends):
        return [list(line) for line in lines]
    return [[*line[:kept], _MORE, line[-1]] for line in lines]


def show_findings(findings: Sequence[Finding], lang: Lang, *, suppressed: int = 0) -> None:
    """Row by row what is wrong and what would mend it; no more than a person reads."""
    shown = import_report.lines(findings[:_FINDINGS_SHOWN], lang)
    show(
        _FINDING_HEADING[lang],
        ((line.row, line.column, line.value, line.sentence, line.suggestion) for line in shown),
    )
    more = len(findings) - len(shown) + suppressed
    if more:
        say(lang, f"另有 {more} 处", f"and {more} more", err=True)


class _Pace(ProgressColumn):
    """How many steps a second are done, once it can be told."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s")


@contextmanager
def progress(chinese: str, english: str, lang: Lang) -> Iterator[importing.Progress]:
    """A bar on the terminal's error stream; nothing where that is no terminal."""
    shape = (TextColumn("{task.description}"), BarColumn(), _Pace(), TimeRemainingColumn())
    with Progress(
        *shape,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        # Without a total the bar moves, and promises nothing.
        counted = bar.add_task(chinese if lang == "zh" else english, total=None)
        untold: list[TaskID] = []

        def tell(done: int, total: int | None) -> None:
            bar.update(counted, completed=done, total=total)
            if done == total and not untold:  # the database's turn, which tells nothing of it
                bar.update(counted, visible=False)
                untold.append(bar.add_task(_STORING[lang], total=None))

        yield tell
