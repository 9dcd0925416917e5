"""Accounts in an admin's hands: within the own ground, without a script, never without an admin."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.errors import Problem
from gis.postgis import Database
from layers.admission import accounts, stewardship
from layers.admission.accounts import Account
from layers.admission.sessions import Kind
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.refusals.people import LAST_ADMIN
from layers.registry import Registry
from tests.api.conftest import BASE
from tests.people import account, secret

HTML = {"accept": "text/html"}
STREET, COMMUNITY, OTHER = "630102007000", "630102007001", "630102008000"

Enter = Callable[[Account], TestClient]


@pytest.fixture
def app(settings: Settings, database: Database, registry: Registry) -> FastAPI:
    return create_app(settings, database=database, registry=registry)


@pytest.fixture
def enter(app: FastAPI, database: Database) -> Iterator[Enter]:
    """A browser in which somebody has signed in."""
    opened: list[TestClient] = []

    def entered(who: Account) -> TestClient:
        cookies = {"gridfield": secret(database, who.id, Kind.COOKIE)}
        headers = HTML | {"origin": BASE}
        client = TestClient(app, BASE, headers=headers, cookies=cookies, follow_redirects=False)
        opened.append(client)
        return client

    yield entered
    for client in opened:
        client.close()


@pytest.fixture
def boss(database: Database) -> Account:
    return account(database, Role.ADMIN, STREET, login="boss")


@pytest.fixture
def admin(enter: Enter, boss: Account) -> TestClient:
    return enter(boss)


def told(response: Response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text)))


def shown_once(response: Response) -> str:
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    found = re.search(r'<code class="secret">([^<]*)</code>', response.text)
    assert found
    return unescape(found[1])


def stored(database: Database, login: str) -> Account:
    with database.read() as connection:
        return accounts.get(connection, login)


NEW = {"login": "zhang", "name": "张三", "role": "leader", "division": COMMUNITY, "by": "link"}


# --- looking --------------------------------------------------------------------------------------
def test_the_list_is_of_the_own_ground(admin: TestClient, database: Database) -> None:
    account(database, Role.LEADER, COMMUNITY, login="inside")
    account(database, Role.ADMIN, EVERYWHERE, login="above")
    account(database, Role.LEADER, OTHER, login="beside")
    page = admin.get("/accounts")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "script" not in page.headers["content-security-policy"]
    assert "inside" in told(page)
    assert "boss" in told(page)
    assert "above" not in told(page)
    assert "beside" not in told(page)
    assert 'href="/accounts"' in admin.get("/duties").text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_comes_in(enter: Enter, database: Database, role: Role) -> None:
    client = enter(account(database, role, STREET))
    own = stored(database, account(database, role, STREET).login).id
    for path in ("/accounts", f"/accounts/{own}"):
        assert client.get(path).status_code == 403
        assert client.post(path, data=NEW).status_code == 403
    for way in ("link", "password", "disable", "enable", "revoke"):
        assert client.post(f"/accounts/{own}/{way}").status_code == 403
    assert 'href="/accounts"' not in client.get("/duties").text


@pytest.mark.parametrize("division", [OTHER, EVERYWHERE, "630102000000"])
def test_an_account_outside_is_not_there(
    admin: TestClient, database: Database, division: str
) -> None:
    outside = account(database, Role.VIEWER, division, login="outside")
    own = {"role": "viewer", "division": COMMUNITY}
    answers = [
        admin.get(f"/accounts/{outside.id}"),
        admin.post(f"/accounts/{outside.id}", data=own),
    ]
    ways = ("link", "password", "disable", "enable", "revoke")
    answers += [admin.post(f"/accounts/{outside.id}/{way}") for way in ways]
    answers += [admin.get(f"/accounts/{number}") for number in ("999999", "x", "1" * 40, "-1")]
    assert {answer.status_code for answer in answers} == {404}
    assert stored(database, "outside") == outside


# --- making ---------------------------------------------------------------------------------------
def test_a_new_account_is_opened_by_the_link_that_is_shown_once(
    admin: TestClient, app: FastAPI, database: Database
) -> None:
    link = shown_once(admin.post("/accounts", data=NEW | {"phone": "13800000001"}))
    made = stored(database, "zhang")
    assert (made.name, made.role, made.division) == ("张三", Role.LEADER, COMMUNITY)
    assert link.startswith(f"{BASE}/auth/links/")
    client = TestClient(app, BASE, headers=HTML | {"origin": BASE}, follow_redirects=False)
    assert client.post(link).status_code == 303
    assert client.get("/duties").status_code == 200
    assert client.post(link).status_code == 410
    assert link.rpartition("/")[2] not in admin.get(f"/accounts/{made.id}").text


def test_a_first_password_is_shown_once_and_has_to_be_changed(
    admin: TestClient, app: FastAPI, database: Database
) -> None:
    password = shown_once(admin.post("/accounts", data=NEW | {"by": "password"}))
    assert stored(database, "zhang").must_change
    client = TestClient(app, BASE, headers=HTML | {"origin": BASE}, follow_redirects=False)
    entry = client.post("/auth/sign-in", data={"login": "zhang", "password": password})
    assert entry.status_code == 303
    assert client.get("/duties").headers["location"].startswith("/auth/password")
    again = shown_once(admin.post(f"/accounts/{stored(database, 'zhang').id}/password"))
    assert again != password


@pytest.mark.parametrize(
    ("changed", "name", "said"),
    [
        ({"login": ""}, "login", "请填写"),
        ({"login": "a"}, "login", "2–64"),
        ({"login": "boss"}, "login", "已有人使用"),
        ({"login": "Ｂoss"}, "login", "已有人使用"),
        ({"name": " "}, "name", "请填写"),
        ({"unit": "社" * 201}, "unit", "最多 200 个字"),
        ({"phone": "1\n2"}, "phone", "不能换行"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_the_rest_is_kept(
    admin: TestClient, database: Database, changed: dict[str, str], name: str, said: str
) -> None:
    refused = admin.post("/accounts", data=NEW | {"unit": "蓝天社区", "post": "干事"} | changed)
    assert refused.status_code == 422
    field = rf'name="{name}"[^>]*aria-invalid="true"[^>]*>\s*'
    field += r'<p class="fine form-trouble"[^>]*>(.*?)</p>'
    found = re.search(field, refused.text, re.DOTALL)
    assert found
    assert said in unescape(found[1])
    assert 'name="post" type="text" value="干事"' in refused.text
    assert '<option value="leader" selected>' in refused.text
    with database.read() as connection:
        assert [each.login for each in accounts.listed(connection)] == ["boss"]


def test_nobody_gives_more_than_they_have(admin: TestClient, database: Database) -> None:
    for division in (OTHER, EVERYWHERE, "630102000000"):
        refused = admin.post("/accounts", data=NEW | {"division": division})
        assert refused.status_code == 422
        assert "不在您的辖区内" in told(refused)
    for wrong in ({"division": "x"}, {"division": ""}, {"role": "king"}):
        assert admin.post("/accounts", data=NEW | wrong).status_code in (400, 422)
    inside = account(database, Role.VIEWER, COMMUNITY, login="inside")
    asked = {"role": "admin", "division": EVERYWHERE}
    refused = admin.post(f"/accounts/{inside.id}", data=asked)
    assert refused.status_code == 422
    assert stored(database, "inside") == inside
    with database.read() as connection:
        assert {each.login for each in accounts.listed(connection)} == {"boss", "inside"}


# --- changing -------------------------------------------------------------------------------------
def test_role_and_division_change_at_once(
    admin: TestClient, enter: Enter, database: Database
) -> None:
    inside = account(database, Role.VIEWER, STREET, login="inside")
    client = enter(inside)
    assert client.get("/accounts").status_code == 403
    done = admin.post(f"/accounts/{inside.id}", data={"role": "admin", "division": COMMUNITY})
    assert done.status_code == 303
    assert client.get("/accounts").status_code == 200
    assert "boss" not in told(client.get("/accounts"))


def test_who_is_disabled_is_out_until_enabled(
    admin: TestClient, enter: Enter, database: Database
) -> None:
    inside = account(database, Role.LEADER, COMMUNITY, login="inside")
    client = enter(inside)
    link = shown_once(admin.post(f"/accounts/{inside.id}/link"))
    assert admin.post(f"/accounts/{inside.id}/disable").status_code == 303
    assert client.get("/duties").status_code == 303
    assert client.post(link).status_code == 410
    page = admin.get(f"/accounts/{inside.id}")
    assert "已停用" in told(page)
    assert f"/accounts/{inside.id}/link" not in page.text
    assert admin.post(f"/accounts/{inside.id}/enable").status_code == 303
    assert stored(database, "inside").disabled_at is None
    assert client.get("/duties").status_code == 303  # what was ended stays ended


def test_all_sessions_are_ended_and_an_older_link_with_a_new_one(
    admin: TestClient, enter: Enter, database: Database
) -> None:
    inside = account(database, Role.LEADER, COMMUNITY, login="inside")
    client = enter(inside)
    first, second = (shown_once(admin.post(f"/accounts/{inside.id}/link")) for _ in range(2))
    assert client.get("/duties").status_code == 200
    assert admin.post(f"/accounts/{inside.id}/revoke").status_code == 303
    assert client.get("/duties").status_code == 303
    assert client.post(first).status_code == 410
    assert client.post(second).status_code == 303


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/disable", {}),
        ("", {"role": "viewer", "division": STREET}),
        ("", {"role": "admin", "division": COMMUNITY}),
    ],
)
def test_the_last_admin_of_a_ground_stays(
    admin: TestClient, database: Database, boss: Account, path: str, data: dict[str, str]
) -> None:
    account(database, Role.ADMIN, COMMUNITY)  # who does not reach over all of it
    refused = admin.post(f"/accounts/{boss.id}{path}", data=data)
    assert refused.status_code == 409
    assert "最后一位管理员" in told(refused)
    kept = stored(database, "boss")
    assert (kept.role, kept.division, kept.disabled_at) == (Role.ADMIN, STREET, None)
    assert admin.get("/accounts").status_code == 200
    account(database, Role.ADMIN, STREET)
    assert admin.post(f"/accounts/{boss.id}{path}", data=data).status_code == 303


def test_two_admins_who_disable_one_another_at_once_leave_one(
    database: Database, boss: Account
) -> None:
    other = account(database, Role.ADMIN, STREET, login="other")
    actor = Actor(boss.id, None, "", Role.ADMIN, STREET, "test")

    def disabled(account_id: int) -> bool:
        try:
            with database.begin() as connection:
                stewardship.disable(connection, actor, account_id)
        except Problem as problem:
            return problem.rule is not LAST_ADMIN
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(disabled, (boss.id, other.id))) == [False, True]


def test_no_other_site_can_make_an_account(app: FastAPI, database: Database, boss: Account) -> None:
    cookies = {"gridfield": secret(database, boss.id, Kind.COOKIE)}
    with TestClient(app, BASE, cookies=cookies, headers=HTML) as client:
        for headers in ({}, {"origin": "http://elsewhere.example"}):
            assert client.post("/accounts", data=NEW, headers=headers).status_code == 403
    with database.read() as connection:
        assert [each.login for each in accounts.listed(connection)] == ["boss"]


def test_hostile_words_come_back_as_text(admin: TestClient, database: Database) -> None:
    hostile = "<script>alert(1)</script>{{ 7 * 7 }}\"'"
    page = admin.post("/accounts", data=NEW | {"name": hostile})
    assert "<script>alert" not in page.text
    assert "<script>alert" not in admin.get("/accounts").text
    assert "{{ 7 * 7 }}" in told(admin.get(f"/accounts/{stored(database, 'zhang').id}"))
