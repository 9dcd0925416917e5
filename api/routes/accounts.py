"""Accounts for admins: who may come in, within their own ground; forms that need no script."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.engine import Connection

from api import ids, links, pages
from api.deps import ActorOf, Application, ReaderLang, needs
from api.parameters import PageParams
from api.routes.auth import POLICY
from api.statuses import status_of
from api.words.accounts import words
from gis.errors import Problem
from layers.admission import stewardship
from layers.admission.accounts import Account
from layers.declaring.people import Role
from layers.declaring.rights import ROLE_LABELS, Right
from layers.duties.persons import Person
from layers.ground import division_names
from layers.refusals.people import ACCOUNT_OUTSIDE, ACCOUNT_REFUSED, LAST_ADMIN, UNKNOWN_ACCOUNT
from layers.schema.accounts import TEXT_LIMIT
from maps.pages.duties import Form as Filled

router = APIRouter(
    tags=["Accounts"],
    default_response_class=Response,
    dependencies=[needs(Right.ADMIN)],
    include_in_schema=False,
)

_TEXTS = ("login", "name", "unit", "post", "phone")
# What is a secret is in no cache, and in no history that a later reader could open.
_HEADERS = {"cache-control": "no-store", "x-frame-options": "DENY"}


class NewAccount(BaseModel):
    """What the form for a new account sends."""

    login: str = ""
    name: str = ""
    unit: str = ""
    post: str = ""
    phone: str = ""
    role: Role = Role.VIEWER
    division: str = ""
    by: Literal["link", "password"] = "link"


class Ground(BaseModel):
    """What an account is given."""

    role: Role
    division: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Which admin asks; accounts are read as the owner, and `layers.admission.stewardship` keeps
    to them."""

    request: Request
    context: Application
    actor: ActorOf
    lang: ReaderLang

    def page(self, template: str, *, status: int = HTTPStatus.OK, **values: object) -> Response:
        """A page in the frame of all."""
        return pages.own(
            self.request,
            template,
            status=status,
            policy=POLICY,
            headers=_HEADERS,
            section="accounts",
            w=words(self.lang),
            **values,
        )

    def around(self, connection: Connection) -> dict[str, Any]:
        """The roles and the divisions that can be given."""
        everywhere = words(self.lang)["everywhere"]
        divisions = division_names.choices(connection, self.actor.division, everywhere)
        return {
            "roles": {role: label.of(self.lang) for role, label in ROLE_LABELS.items()},
            "divisions": divisions,
            "names": {each.code: each.name for each in divisions},
        }


AskingOf = Annotated[Asking, Depends()]


# --- looking --------------------------------------------------------------------------------------
@router.get("/accounts")
def list_accounts(asking: AskingOf, _: PageParams) -> Response:
    return _list(asking, Filled("new", {"division": asking.actor.division}))


def _list(asking: Asking, form: Filled, status: int = HTTPStatus.OK) -> Response:
    with asking.context.database.read() as connection:
        found = stewardship.listed(connection, asking.actor)
        around = asking.around(connection)
    return asking.page("accounts.html", status=status, accounts=found, form=form, **around)


@router.get("/accounts/{account_id}")
def show(asking: AskingOf, account_id: str, _: PageParams) -> Response:
    return _account(asking, _number(account_id))


def _account(
    asking: Asking,
    account_id: int,
    form: Filled | None = None,
    *,
    failed: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    with asking.context.database.read() as connection:
        account = stewardship.get(connection, asking.actor, account_id)
        around = asking.around(connection)
    stored = {"role": account.role, "division": account.division}
    # A link of a disabled account would open nothing.
    actions = ("enable",) if account.disabled_at else ("link", "password", "revoke", "disable")
    return asking.page(
        "account.html",
        status=status,
        account=account,
        form=form or Filled("ground", stored),
        failed=failed,
        actions=actions,
        **around,
    )


# --- a new account --------------------------------------------------------------------------------
@router.post("/accounts")
def add(asking: AskingOf, typed: Annotated[NewAccount, Form()]) -> Response:
    errors = _wrong(asking, typed)
    if errors:
        form = Filled("new", typed.model_dump(), errors)
        return _list(asking, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        with asking.context.database.begin() as connection:
            account = _added(connection, asking, typed)
            secret = _secret(connection, asking, account, typed.by)
    except Problem as problem:
        field = {ACCOUNT_REFUSED: "login", ACCOUNT_OUTSIDE: "division"}.get(problem.rule)
        if field is None:
            raise
        form = Filled("new", typed.model_dump(), {field: problem.sentence(asking.lang)})
        return _list(asking, form, status_of(problem.rule))
    return _shown_once(asking, account, typed.by, secret)


def _wrong(asking: Asking, typed: NewAccount) -> dict[str, str]:
    said = words(asking.lang)
    texts = {name: getattr(typed, name).strip() for name in _TEXTS}
    errors = {name: said["needed"] for name in ("login", "name") if not texts[name]}
    too_long = said["too_long"].format(limit=TEXT_LIMIT)
    unfit = (n for n, text in texts.items() if len(text) > TEXT_LIMIT or not text.isprintable())
    return errors | dict.fromkeys(unfit, too_long)


def _added(connection: Connection, asking: Asking, typed: NewAccount) -> Account:
    texts = {name: getattr(typed, name).strip() or None for name in ("unit", "post", "phone")}
    person = Person(name=typed.name.strip(), **texts)
    return stewardship.add(
        connection,
        asking.actor,
        person,
        typed.login,
        role=typed.role,
        division=typed.division,
    )


# --- an account that is there ---------------------------------------------------------------------
@router.post("/accounts/{account_id}")
def change(asking: AskingOf, account_id: str, typed: Annotated[Ground, Form()]) -> Response:
    number = _number(account_id)
    try:
        with asking.context.database.begin() as connection:
            stewardship.change(
                connection, asking.actor, number, role=typed.role, division=typed.division
            )
    except Problem as problem:
        if problem.rule not in {LAST_ADMIN, ACCOUNT_OUTSIDE}:
            raise
        form = Filled("ground", typed.model_dump(), {"": problem.sentence(asking.lang)})
        return _account(asking, number, form, status=status_of(problem.rule))
    return _see(number)


@router.post("/accounts/{account_id}/disable")
def disable(asking: AskingOf, account_id: str, _: PageParams) -> Response:
    number = _number(account_id)
    try:
        with asking.context.database.begin() as connection:
            stewardship.disable(connection, asking.actor, number)
    except Problem as problem:
        if problem.rule is not LAST_ADMIN:
            raise
        sentence = problem.sentence(asking.lang)
        return _account(asking, number, failed=sentence, status=status_of(problem.rule))
    return _see(number)


@router.post("/accounts/{account_id}/enable")
def enable(asking: AskingOf, account_id: str, _: PageParams) -> Response:
    with asking.context.database.begin() as connection:
        stewardship.enable(connection, asking.actor, _number(account_id))
    return _see(_number(account_id))


@router.post("/accounts/{account_id}/revoke")
def revoke(asking: AskingOf, account_id: str, _: PageParams) -> Response:
    with asking.context.database.begin() as connection:
        stewardship.end_sessions(connection, asking.actor, _number(account_id))
    return _see(_number(account_id))


@router.post("/accounts/{account_id}/{way}")
def let_in(
    asking: AskingOf, account_id: str, way: Literal["link", "password"], _: PageParams
) -> Response:
    with asking.context.database.begin() as connection:
        account = stewardship.get(connection, asking.actor, _number(account_id))
        secret = _secret(connection, asking, account, way)
    return _shown_once(asking, account, way, secret)


def _secret(connection: Connection, asking: Asking, account: Account, way: str) -> str:
    if way == "password":
        return stewardship.first_password(connection, asking.actor, account.id)
    secret = stewardship.link(connection, asking.actor, account.id)
    return links.address(asking.request, f"/auth/links/{secret}")


def _shown_once(asking: Asking, account: Account, way: str, secret: str) -> Response:
    told = words(asking.lang)[f"secret_{way}"]
    return asking.page(
        "account_secret.html",
        account=account,
        told=told.format(name=account.name, login=account.login),
        secret=secret,
    )


def _number(text: str) -> int:
    return ids.read(text, Problem(UNKNOWN_ACCOUNT, login=text[: ids.MAX_DIGITS]))


def _see(account_id: int) -> Response:
    return RedirectResponse(f"/accounts/{account_id}", HTTPStatus.SEE_OTHER, _HEADERS)
