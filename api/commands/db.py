"""`gridfield db …` and `gridfield doctor`: the database and the machine below the application."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api import settings as configuration
from api.refusals import HISTORY_TAMPERED, PHOTOS_LOST
from api.runtime import open_database
from api.settings import Settings
from gis import backup as backups
from gis import doctor as diagnosis
from gis.cluster import Cluster, ClusterStatus
from gis.doctor import Check
from gis.errors import Problem
from gis.postgis import Database
from layers.held import policies
from layers.migrate import upgrade
from layers.photos import check as photo_check
from layers.photos import store as photo_store
from layers.reading import verification
from layers.registry import discover

# As `pg_ctl status` and `systemctl status` do.
_EXIT_STOPPED = 3
_HISTORY, _PHOTOS = "history", "photos"

db_app = typer.Typer(
    no_args_is_help=True,
    help="私有数据库：启动、停止、备份、恢复 · The private database: start, stop, back up.",
)

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 · the backup file")]


@db_app.command(epilog="例 · Example: gridfield db start")
def start() -> None:
    """启动私有数据库并保持运行 · Start the private database and leave it running."""
    settings = configuration.load()
    cluster = _private(settings)
    cluster.start()
    _show(cluster.status(), settings)


@db_app.command(epilog="例 · Example: gridfield db stop")
def stop(
    force: Annotated[
        bool, typer.Option("--force", help="即使仍在使用 · even while it is in use")
    ] = False,
) -> None:
    """停止私有数据库;仍在使用时由最后一个用户停止 · Stop it, or let its last user do so."""
    settings = configuration.load()
    stopped = _private(settings).stop(force=force)
    _say(
        settings,
        "已停止" if stopped else "仍有进程在使用，最后一个退出时停止；立即停止请加 --force",
        "stopped" if stopped else "still in use: it stops with its last user, or now with --force",
    )


@db_app.command(epilog="例 · Example: gridfield db status")
def status() -> None:
    """显示私有数据库的状态;未运行时退出码为 3 · Show its state; exit 3 when it does not run."""
    settings = configuration.load()
    found = _private(settings).status()
    _show(found, settings)
    raise typer.Exit(0 if found.pid else _EXIT_STOPPED)


@db_app.command(epilog="例 · Example: gridfield db url --tcp")
def url(
    tcp: Annotated[
        bool,
        typer.Option("--tcp", help="带口令的 127.0.0.1 端口 · port of 127.0.0.1 with password"),
    ] = False,
) -> None:
    """显示连接地址 · Show the address to connect to."""
    settings = configuration.load()
    given = settings.lasting_url
    address = given or Cluster(settings.home).url(tcp=tcp)
    # psql, GDAL and QGIS know no driver names.
    typer.echo(address.replace("postgresql+psycopg2://", "postgresql://", 1))


@db_app.command(epilog="例 · Example: gridfield db backup 2017-07.dump")
def backup(file: BackupFile) -> None:
    """备份整个数据库并读回核对 · Back the whole database up, and read the backup back."""
    settings = configuration.load()
    with _database(settings) as address:
        backups.write(address, file)
        size = f"{file.stat().st_size / 1e3:,.0f} kB"
        found = _photos(address)
    _say(settings, f"已备份到 {file}({size})", f"saved to {file} ({size})")
    if found.photos:
        much, place = f"{found.bytes / 1e6:,.1f} MB", settings.photo_place
        _say(
            settings,
            f"照片不在这个文件里：{found.photos} 张（{much}）在 {place}，请接着备份那里",
            f"{found.photos} photos are not in this file: {much} in {place}, back that up next",
        )


@db_app.command(
    epilog="例 · Example: gridfield db verify 2017-07.dump; gridfield db verify history; "
    "gridfield db verify photos"
)
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|history|photos",
            help="备份文件；history 表示历史记录，photos 表示照片 · a backup file; history for the "
            "record of all changes, photos for every photograph",
        ),
    ],
) -> None:
    """核对备份，或历史记录、照片有没有被动过 · Check a backup, the history or the photographs.

    A backup is restored into a scratch database and counted; each photograph is read.
    """
    settings = configuration.load()
    if str(file) == _HISTORY:
        _verify_history(settings)
        return
    if str(file) == _PHOTOS:
        _verify_photos(settings)
        return
    with _database(settings) as address:
        found = backups.verify(address, file)
    _say(settings, f"{file} 完好：{_summary(found)}", f"{file} is whole: {_summary(found)}")


@db_app.command(epilog="例 · Example: gridfield db restore 2017-07.dump")
def restore(
    file: BackupFile,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask")] = False,
) -> None:
    """用备份替换数据库;备份会执行其中的 SQL,只恢复可信的 · Replace the database by a backup.

    A backup runs its SQL: restore only what you trust.
    """
    settings = configuration.load()
    if not yes and sys.stdin.isatty():
        question = (
            "现有数据将被替换，继续？" if settings.lang == "zh" else "Replace the present data?"
        )
        typer.confirm(question, abort=True)
    with _database(settings) as address:
        found = backups.restore(address, file)
        _bring_up_to_date(address)
        spoken_of = _photos(address)
    _say(settings, f"已恢复 {file}：{_summary(found)}", f"restored {file}: {_summary(found)}")
    if spoken_of.photos:
        count, place = spoken_of.photos, settings.photo_place
        _say(
            settings,
            f"应有照片 {count} 张，在 {place}，用 gridfield db verify photos 核对",
            f"{count} photos belong to it, in {place}: check them by gridfield db verify photos",
        )


def doctor(
    port: Annotated[
        int | None, typer.Option(help="检查端口 · also check this port", min=1, max=65535)
    ] = None,
) -> None:
    """检查本机缺什么、如何补上 · What is missing here, and how to mend it.

    例 · Example: gridfield doctor --port 8000
    """
    settings = configuration.load()
    private = settings.database_url is None
    checks = diagnosis.examine(settings.home, private=private, port=port)
    if settings.lasting_url is not None:
        checks.append(_rights_check(settings.lasting_url))
    for check in checks:
        name = check.zh if settings.lang == "zh" else check.en
        mark = "✓" if check.ok else "✗" if check.required else "–"
        typer.echo(f"{mark} {name}: {check.found}" + ("" if check.ok else f"  →  {check.mend}"))
    raise typer.Exit(0 if all(check.ok or not check.required for check in checks) else 1)


def _bring_up_to_date(address: str) -> None:
    """A dump carries triggers and policies, but not what the server itself must know of them."""
    database = Database(address)
    try:
        upgrade(database)
    finally:
        database.close()


def _verify_history(settings: Settings) -> None:
    with open_database(settings) as database, database.read() as connection:
        found = verification.verify(connection, discover())
    if not found.whole:
        count = len(found.faults) + found.suppressed
        raise Problem(
            HISTORY_TAMPERED, findings=found.faults, suppressed=found.suppressed, count=count
        )
    versions, links, head = found.versions, found.links, found.head
    _say(
        settings,
        f"历史记录完好：{versions} 个版本，{links} 次变更，链尾 {head}",
        f"the history is whole: {versions} versions, {links} changes, head {head}",
    )


def _verify_photos(settings: Settings) -> None:
    store = photo_store.opened(settings.photo_place)
    with open_database(settings) as database, database.read() as connection:
        found = photo_check.verify(connection, store)
    if found.lost:
        more = found.lost - len(found.faults)
        raise Problem(PHOTOS_LOST, findings=found.faults, suppressed=more, count=found.lost)
    count, much = found.amount.photos, f"{found.amount.bytes / 1e6:,.1f} MB"
    _say(
        settings,
        f"照片完好：{count} 张，{much}，在 {store.place}",
        f"the photos are whole: {count}, {much}, in {store.place}",
    )


def _photos(address: str) -> photo_check.Amount:
    """How many photographs a database speaks of: they are not in it."""
    database = Database(address)
    try:
        with database.read() as connection:
            return photo_check.amount(connection)
    finally:
        database.close()


def _rights_check(address: str) -> Check:
    """Whether tiles are as quick with rights as without, on a server that others administer."""
    name = "空间索引可用于行级权限", "Spatial index serves row-level security"
    database = Database(address)
    try:
        with database.read() as connection:
            mend = policies.missing_promotion(connection)
    except Problem as problem:
        found, mend = str(problem), "GRIDFIELD_DATABASE_URL=…"
        return Check(*name, ok=False, found=found, mend=mend, required=False)
    finally:
        database.close()
    return Check(*name, ok=mend is None, found="&&", mend=f"{mend};", required=False)


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The given server, or the private cluster for as long as it takes."""
    if settings.lasting_url:
        yield settings.lasting_url
    else:
        with Cluster(settings.home).running() as cluster:
            yield cluster.url()


def _private(settings: Settings) -> Cluster:
    if settings.database_url is not None:
        _say(
            settings,
            "已用 GRIDFIELD_DATABASE_URL 指定数据库，没有私有数据库可管理",
            "GRIDFIELD_DATABASE_URL names a server, there is no private database to manage",
            err=True,
        )
        raise typer.Exit(2)
    return Cluster(settings.home)


def _show(status: ClusterStatus, settings: Settings) -> None:
    zh = settings.lang == "zh"
    if status.pid and status.address:
        state = f"{'运行中' if zh else 'running'} (pid {status.pid}, {status.account})"
        typer.echo(f"{state}\n{status.address.socket_dir}\n127.0.0.1:{status.address.port}")
    else:
        typer.echo("未运行" if zh else "stopped")
    version = (
        f"PostgreSQL {status.major}" if status.major else ("尚未建立" if zh else "not made yet")
    )
    typer.echo(f"{status.place} ({version})")


def _summary(found: backups.Contents) -> str:
    made = f"{found.made.astimezone():%Y-%m-%d %H:%M}"
    return f"{found.database} @ {made}, {found.tables} tables, {found.rows} rows"


def _say(settings: Settings, zh: str, en: str, *, err: bool = False) -> None:
    typer.echo(zh if settings.lang == "zh" else en, err=err)
