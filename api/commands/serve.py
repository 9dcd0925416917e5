"""`gridfield serve`."""

from typing import Annotated

import typer

from api import serving, worker
from api import settings as configuration
from api.app import connections, create_app
from api.demo import accounts as demo_accounts
from api.demo import loading as demonstration
from api.middleware import is_loopback
from api.outward import sending
from api.runtime import open_database, open_replica
from api.settings import Settings
from gis.postgis import Database
from layers.admission import accounts
from layers.declaring.rights import ROLE_LABELS
from layers.photos import store as photo_store
from layers.registry import discover


def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="库为空时装入演示数据 · load the demo when empty")
    ] = False,
    host: Annotated[str, typer.Option(help="本机地址 · an address of this machine")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="端口，0 为任意空闲端口 · 0 takes a free one")
    ] = 8000,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="同时处理的请求数 · requests at a time")
    ] = None,
) -> None:
    """启动服务：迁移数据库，提供地图和接口 · Migrate the database, then serve maps and API.

    例 · Example: gridfield serve --demo --port 8000
    """
    settings = configuration.load()
    if workers is not None:
        settings = settings.model_copy(update={"workers": workers})
    with (
        serving.ending_in_order(),
        serving.bind(host, port, beyond=_beyond(settings, host)) as listener,
        open_database(settings, connections=_connections(settings)) as database,
        open_replica(settings, connections=connections(settings)) as replica,
    ):
        registry = discover()
        if demo:
            photos = photo_store.opened(settings.photo_place)
            _say(settings, *demonstration.load(database, registry, photos))
        app = create_app(
            _named(settings, host), database=database, registry=registry, replica=replica
        )
        address = serving.address_of(listener)
        _announce(settings, address, host)
        _tell_entries(settings, database, address, demo=demo)
        with worker.working(sending.house(settings, database, registry)):
            serving.run(app, listener)


def _connections(settings: Settings) -> int:
    """How many the server and its worker can use at once."""
    return connections(settings) + worker.CONNECTIONS


def _beyond(settings: Settings, host: str) -> bool:
    """Whether others may reach the service: somebody has to be able to say who they are."""
    if is_loopback(host):
        return False
    with open_database(settings) as database, database.read() as connection:
        return accounts.has_admin(connection)


def _named(settings: Settings, host: str) -> Settings:
    """The settings with the address that was asked for among the names that are answered to."""
    if is_loopback(host):
        return settings
    return settings.model_copy(update={"hosts": (*settings.hosts, host)})


def _announce(settings: Settings, address: str, host: str) -> None:
    if is_loopback(host):
        _say(
            settings,
            f"网格责任田 {address}  只对本机开放，Ctrl-C 结束",
            f"Gridfield {address}  for this machine alone, Ctrl-C ends it",
        )
        return
    _say(
        settings,
        f"网格责任田 {address}  对外开放：前面必须有 https（反向代理），否则密码可被窃听；"
        "其他名称请用 GRIDFIELD_HOSTS 写明。Ctrl-C 结束",
        f"Gridfield {address}  open to others: put https in front (a reverse proxy), or passwords "
        "can be overheard; name further hosts in GRIDFIELD_HOSTS. Ctrl-C ends it",
    )


def _tell_entries(settings: Settings, database: Database, address: str, *, demo: bool) -> None:
    """How to come in: the demo's links, or the command that makes the first account."""
    entries = demo_accounts.open_links(database) if demo else ()
    if entries:
        _say(
            settings,
            "各角色的登录链接（各用一次，24 小时内有效）：",
            "A sign-in link for each role (each works once, within 24 hours):",
        )
    for entry in entries:
        role, meaning = ROLE_LABELS[entry.role], entry.part.meaning
        typer.echo(f"  {address}/auth/links/{entry.secret}")
        _say(settings, f"    {role.zh}：{meaning.zh}", f"    {role.en}: {meaning.en}")
    with database.read() as connection:
        admin = accounts.has_admin(connection)
    if not admin:
        command = "gridfield user add LOGIN --name NAME --role admin"
        _say(settings, f"还没有管理员账号，请运行：{command}", f"No admin account yet: {command}")
        # As `api.auth.Door` does.
        _say(
            settings, "在建第一个账号之前，本机不用登录", "Until then this machine needs no sign-in"
        )


def _say(settings: Settings, chinese: str, english: str) -> None:
    typer.echo(chinese if settings.lang == "zh" else english)
