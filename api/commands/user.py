"""`gridfield user …`: who may sign in; the first admin is made here, by whoever has the machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy.engine import Connection

from api import settings as configuration
from api import terminal
from api.runtime import open_database
from api.settings import Settings
from gis.errors import Lang
from layers.admission import accounts, sessions, sign_in_links
from layers.admission.accounts import Account
from layers.admission.sessions import Listed
from layers.declaring.people import EVERYWHERE, Role
from layers.declaring.rights import ROLE_LABELS
from layers.duties.persons import Person
from layers.reading import reading_log

user_app = typer.Typer(no_args_is_help=True, help="账号 · Accounts.")

_LOCAL = "http://127.0.0.1:8000"

_READS_HEADING = {
    "zh": ("时间", "账号", "途径", "图层", "条数", "格式"),
    "en": ("time", "login", "way", "layer", "rows", "format"),
}

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="账号 · the account's login")]
Temporary = Annotated[
    bool, typer.Option("--temporary", help="首次登录须改密码 · to be changed at the first sign-in")
]


@user_app.command(epilog="例 · Example: gridfield user add zhang --name 张三 --role leader")
def add(
    login: Login,
    *,
    name: Annotated[str, typer.Option(help="姓名 · the person's name")],
    role: Annotated[Role, typer.Option(help="角色 · the role")],
    division: Annotated[
        str, typer.Option(help="12 位区划代码，含其下各级 · division code, all below included")
    ] = EVERYWHERE,
    unit: Annotated[str | None, typer.Option(help="单位 · unit")] = None,
    post: Annotated[str | None, typer.Option(help="职务 · post")] = None,
    phone: Annotated[str | None, typer.Option(help="电话 · phone")] = None,
    email: Annotated[str | None, typer.Option(help="邮箱 · e-mail")] = None,
    temporary: Temporary = False,
    without_password: Annotated[
        bool, typer.Option("--no-password", help="只用链接或身份登录 · links and identities only")
    ] = False,
) -> None:
    """新建账号，密码从提示或标准输入读取 · Make an account; its password by prompt or stdin."""
    person = Person(name=name, unit=unit, post=post, phone=phone, email=email)
    password = None if without_password else _password()
    with _people() as (settings, connection):
        made = accounts.create(connection, person, login, role, division)
        if password is not None:
            accounts.set_password(connection, made, password, must_change=temporary)
    _say(settings, f"已建账号 {made.login}", f"made the account {made.login}")


@user_app.command("list", epilog="例 · Example: gridfield user list")
def list_all() -> None:
    """列出账号 · List the accounts."""
    with _people() as (settings, connection):
        found = accounts.listed(connection)
    for account in found:
        typer.echo("\t".join(_line(account, settings.lang)))


@user_app.command(epilog="例 · Example: gridfield user disable zhang")
def disable(login: Login) -> None:
    """停用账号，立即结束其全部登录 · Let nobody in by it, and end its sessions at once."""
    with _people() as (settings, connection):
        account = accounts.get(connection, login)
        accounts.disable(connection, account.id)
    _say(settings, f"已停用 {account.login}", f"disabled {account.login}")


@user_app.command(epilog="例 · Example: gridfield user enable zhang")
def enable(login: Login) -> None:
    """重新启用账号 · Let the account be used again."""
    with _people() as (settings, connection):
        account = accounts.get(connection, login)
        accounts.enable(connection, account.id)
    _say(settings, f"已启用 {account.login}", f"enabled {account.login}")


@user_app.command(epilog="例 · Example: gridfield user password zhang --temporary")
def password(login: Login, temporary: Temporary = False) -> None:
    """设置密码并结束其全部登录 · Set the password and end all sessions."""
    chosen = _password()
    with _people() as (settings, connection):
        account = accounts.get(connection, login)
        accounts.set_password(connection, account, chosen, must_change=temporary)
    _say(settings, f"已为 {account.login} 设置密码", f"set the password of {account.login}")


@user_app.command(epilog="例 · Example: gridfield user link zhang --hours 2")
def link(
    login: Login,
    hours: Annotated[float, typer.Option(min=0.1, max=720, help="有效小时数 · valid for")] = 24,
    address: Annotated[str, typer.Option(help="服务的地址 · the service's address")] = _LOCAL,
) -> None:
    """显示一个一次性登录链接 · Show a link that signs in once."""
    with _people() as (_, connection):
        account = accounts.get(connection, login)
        secret = sign_in_links.make(connection, account.id, timedelta(hours=hours))
    typer.echo(f"{address.rstrip('/')}/auth/links/{secret}")


@user_app.command(
    epilog="例 · Example: gridfield user link-identity zhang https://id.example/ 8f3c21"
)
def link_identity(
    login: Login,
    issuer: Annotated[str, typer.Argument(metavar="ISSUER", help="颁发者 · issuer (iss)")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="标识 · subject (sub)")],
) -> None:
    """把身份服务中的身份关联到账号 · Let an OpenID Connect identity open the account."""
    with _people() as (settings, connection):
        account = accounts.get(connection, login)
        accounts.link_identity(connection, account.id, issuer, subject)
    _say(settings, f"已关联到 {account.login}", f"linked to {account.login}")


@user_app.command("sessions", epilog="例 · Example: gridfield user sessions zhang --end-all")
def list_sessions(
    login: Login,
    end: Annotated[int | None, typer.Option(metavar="ID", help="结束一个 · end this one")] = None,
    end_all: Annotated[bool, typer.Option("--end-all", help="全部结束 · end all")] = False,
) -> None:
    """列出或结束账号的登录 · List or end an account's sessions."""
    with _people() as (_, connection):
        account = accounts.get(connection, login)
        if end_all:
            sessions.revoke_all(connection, account.id)
        elif end is not None:
            sessions.revoke(connection, account.id, end)
        found = sessions.listed(connection, account.id)
    for session in found:
        typer.echo("\t".join(_session_line(session)))


@user_app.command("reads", epilog="例 · Example: gridfield user reads zhang --limit 200")
def list_reads(
    login: Annotated[
        str | None, typer.Argument(help="只看这个账号 · of this account alone")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="最多几条 · at most")] = 50,
) -> None:
    """谁看过、导出过未遮挡的个人信息 · Who was told personal values unmasked, newest first."""
    with _people() as (settings, connection):
        account = None if login is None else accounts.get(connection, login)
        found = reading_log.latest(
            connection, login=account.login if account else None, limit=limit
        )
    terminal.show(
        _READS_HEADING[settings.lang],
        ((_minute(x.at), x.login, x.way, x.layer, x.rows, x.format) for x in found),
        err=False,
    )


@contextmanager
def _people() -> Iterator[tuple[Settings, Connection]]:
    settings = configuration.load()
    with open_database(settings) as database, database.begin() as connection:
        yield settings, connection


def _password() -> str:
    """From the keyboard without echo, or the first line of stdin; an argument could be seen."""
    if sys.stdin.isatty():
        prompt = "密码 · Password"
        typed: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _line(account: Account, lang: Lang) -> tuple[str, ...]:
    zh = lang == "zh"
    states = (
        (account.disabled_at is not None, "已停用" if zh else "disabled"),
        (not account.has_password, "无密码" if zh else "no password"),
        (account.must_change, "须改密码" if zh else "password due"),
    )
    return (
        account.login,
        account.name,
        ROLE_LABELS[account.role].of(lang),
        account.division,
        _minute(account.last_seen_at),
        " ".join(word for holds, word in states if holds),
    )


def _session_line(session: Listed) -> tuple[str, ...]:
    seen = _minute(session.last_seen_at)
    return (str(session.id), session.kind, seen, session.address or "", session.agent or "")


def _minute(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _say(settings: Settings, zh: str, en: str) -> None:
    typer.echo(zh if settings.lang == "zh" else en)
