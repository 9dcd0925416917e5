"""`gridfield serve` and `gridfield whois`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api import demo as demonstration
from api import serving
from api import settings as configuration
from api.answers import sentence
from api.app import connections, create_app
from api.runtime import open_database
from api.settings import Settings
from layers import responsibility
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
        serving.bind(host, port) as listener,
        open_database(settings, connections=connections(settings)) as database,
    ):
        registry = discover()
        if demo:
            _say(settings, *demonstration.load(database, registry))
        app = create_app(settings, database=database, registry=registry)
        address = serving.address_of(listener)
        _say(
            settings,
            f"网格责任田 {address}  只对本机开放（还没有账号），Ctrl-C 结束",
            f"Gridfield {address}  for this machine alone (no accounts yet), Ctrl-C ends it",
        )
        serving.run(app, listener)


def whois(
    lon: Annotated[float, typer.Argument(min=-180, max=180, help="经度 · longitude")],
    lat: Annotated[float, typer.Argument(min=-90, max=90, help="纬度 · latitude")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """这里由谁负责（WGS 84） · Who answers for this place.

    例 · Example: gridfield whois 101.83 36.62
    """
    settings = configuration.load()
    with open_database(settings) as database, database.read() as connection:
        answer = responsibility.at(connection, lon, lat)
    if as_json:
        typer.echo(json.dumps(asdict(answer), ensure_ascii=False, default=str))
    else:
        typer.echo(sentence(answer, settings.lang))


def _say(settings: Settings, chinese: str, english: str) -> None:
    typer.echo(chinese if settings.lang == "zh" else english)
