"""The portal and the menu for whoever is signed in: what is theirs, and what they may use."""

import re
from html import unescape

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from tests import people

PAGE = {"accept": "text/html"}
DISTRICT = "630102000000"


def _as(district: Database, account_id: int) -> dict[str, str]:
    return PAGE | {"authorization": f"Bearer {people.secret(district, account_id, Kind.BEARER)}"}


def _menu(html: str) -> list[str]:
    nav = re.search(r'<nav class="top-nav".*?</nav>', html, re.DOTALL)
    return re.findall(r'href="([^"]+)"', nav[0]) if nav else []


def test_somebody_with_duties_finds_what_they_answer_for(
    reader: TestClient, district: Database
) -> None:
    account = people.account(district, Role.LEADER, DISTRICT)
    with district.begin() as connection:
        held = sa.text(
            "SELECT person_id, count(*) FROM duties WHERE layer = 'grid_fields' "
            "AND role = 'grid_leader' GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
        )
        person, fields = connection.execute(held).one()
        become = sa.text("UPDATE accounts SET person_id = :person WHERE id = :account")
        connection.execute(become, {"person": person, "account": account.id})
        named = sa.text(
            "SELECT f.name FROM duties d JOIN grid_fields f ON f.id = d.feature "
            "WHERE d.layer = 'grid_fields' AND d.role = 'grid_leader' AND d.person_id = :person"
        )
        names = list(connection.scalars(named, {"person": person}))
    headers = _as(district, account.id)
    page = reader.get("/", headers=headers).text
    mine = re.findall(r'<li class="mine-one">(.*?)</li>', page, re.DOTALL)
    assert {n for n in names if any(f"<bdi>{n}</bdi>" in each for each in mine)} == {*names}
    assert len(names) == fields
    leaders = [each for each in mine if "网格长 · 网格责任田" in each]
    assert len(leaders) == fields
    for each in leaders:
        link = re.search(r'href="(/here\?[^"]+)"', each)
        assert link is not None
        answer = reader.get(unescape(link[1]), headers=headers).text
        assert any(f"<h2><bdi>{name}</bdi></h2>" in answer for name in names if name in each)
    assert f'href="/duties?person={person}"' in page


def test_who_has_no_duty_is_greeted_and_shown_no_empty_list(
    reader: TestClient, district: Database
) -> None:
    account = people.account(district, Role.VIEWER, "630102007001")
    page = reader.get("/", headers=_as(district, account.id)).text
    assert "张三，您好" in page
    assert "查看员 · <bdi>蓝天社区</bdi>" in page
    assert "我负责的" not in page
    assert 'href="/here"' in page


@pytest.mark.parametrize("role", Role)
def test_every_entry_of_the_menu_opens(reader: TestClient, district: Database, role: Role) -> None:
    headers = _as(district, people.account(district, role, DISTRICT).id)
    menu = _menu(reader.get("/", headers=headers).text)
    for address in menu:
        assert reader.get(address, headers=headers).status_code == 200, address
    assert ("/import" in menu) is (role is Role.ADMIN)
    # The same menu on what is open to all, for whoever is signed in.
    assert _menu(reader.get("/docs", headers=headers).text) == menu


def test_to_nobody_open_pages_offer_the_way_in(reader: TestClient) -> None:
    nobody = PAGE | {"authorization": ""}
    page = reader.get("/docs", headers=nobody).text
    assert _menu(page) == ["/docs"]
    assert 'href="/auth/sign-in"' in page
    assert 'action="/auth/sign-out"' not in page
