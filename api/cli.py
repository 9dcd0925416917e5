"""`gridfield`: the command line. A command's module is imported when that command runs."""

import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from api import __version__, ending
from api.statuses import exit_code
from gis.errors import Lang, Problem

# Each command: the module, the function or group of commands in it, the line in the help.
COMMANDS = {
    "serve": ("api.commands.serve", "serve", "启动服务 · Serve maps and API"),
    "layers": ("api.commands.data", "layers", "图层和字段 · The layers and their fields"),
    "import": ("api.commands.importing", "import_file", "导入文件 · Load a file into a layer"),
    "batch": ("api.commands.batch", "batch_app", "导入批次 · Imports so far, and undoing one"),
    "export": ("api.commands.data", "export", "导出文件 · Write a layer to a file"),
    "check": ("api.commands.check", "check", "检查空隙和重叠 · Gaps, overlaps and other faults"),
    "user": ("api.commands.user", "user_app", "账号 · Accounts"),
    "whois": ("api.commands.whois", "whois", "这里由谁负责 · Who answers for this place"),
    "report": ("api.commands.report", "report", "工作报告 · The report of a period"),
    "duty": ("api.commands.duty", "duty_app", "任职：指定、交接、结束 · Who has which duty"),
    "people": ("api.commands.people", "people_app", "通讯录 · The people who answer"),
    "holidays": (
        "api.commands.holidays",
        "holidays_app",
        "节假日和调休 · Holidays, for deadlines",
    ),
    "db": ("api.commands.db", "db_app", "私有数据库 · The private database"),
    "doctor": ("api.commands.db", "doctor", "检查本机缺什么 · What is missing here"),
}
_FINDINGS_SHOWN = 20


class _Commands(TyperGroup):
    """Shows every command in its help, and imports only the one that runs."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_, _, summary) in COMMANDS.items():
            self.add_command(TyperGroup(name=name, help=summary))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, imported(name or ""), rest


def imported(name: str) -> Any:
    """The command of that name, ready to run."""
    module, attribute, _ = COMMANDS[name]
    found = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False)
    # A negative longitude is no option.
    alone.command(name, context_settings={"ignore_unknown_options": name == "whois"})(found)
    return get_command(alone)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="网格责任田 · Gridfield: who answers for which ground.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gridfield {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 · version")
    ] = False,
) -> None: ...


def main() -> None:
    """Run a command; a refusal is a sentence on stderr and an exit code, never a traceback."""
    ending.watch()
    try:
        app()
    except Problem as problem:
        _tell(problem, _lang())
        sys.exit(exit_code(problem.rule))


def _tell(problem: Problem, lang: Lang) -> None:
    typer.echo(problem.sentence(lang), err=True)
    for finding in problem.findings[:_FINDINGS_SHOWN]:
        place = finding.place(lang)
        typer.echo(f"  {place}{': ' if place else ''}{finding.sentence(lang)}", err=True)
    more = len(problem.findings[_FINDINGS_SHOWN:]) + problem.suppressed
    if more:
        typer.echo(f"  … +{more}", err=True)


def _lang() -> Lang:
    from api import settings  # noqa: PLC0415  a fifth of a second that --help need not wait for

    try:
        return settings.load().lang
    except Problem:  # the settings themselves are what is wrong
        return "zh"
