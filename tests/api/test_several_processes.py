"""Two processes before one database: what is done through the one holds at once in the other."""

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.registry import Registry
from tests.api.event_client import Served, served
from tests.api.own_writes import UNITS, asking, edited
from tests.api.test_tiles import place
from tests.factories import LAT
from tests.layers.held.test_rights import SPOTS, STREET, WEST, put_divisions
from tests.people import account, bearer, secret

TILE = f"{UNITS}/tiles/WebMercatorQuad/{place(15, SPOTS[WEST], LAT + 0.005)}"
TURNS = 5


@pytest.fixture
def processes(
    settings: Settings, database: Database, registry: Registry
) -> Iterator[tuple[Served, Served]]:
    """Each with connections, sessions and kept tiles of its own."""
    put_divisions(database, registry)
    with ExitStack() as stack:
        own = [stack.enter_context(closing(Database(database.url))) for _ in range(2)]
        one, two = (stack.enter_context(served(settings, each, registry)) for each in own)
        yield one, two


@pytest.fixture
def links(
    processes: tuple[Served, Served],
) -> Iterator[tuple[http.client.HTTPConnection, http.client.HTTPConnection]]:
    one, two = (http.client.HTTPConnection(x.host, x.port, timeout=60) for x in processes)
    with closing(one), closing(two):
        yield one, two


Links = tuple[http.client.HTTPConnection, http.client.HTTPConnection]


def test_a_write_through_one_is_read_at_once_through_the_other(
    links: Links, database: Database, registry: Registry
) -> None:
    """In tiles that the other had kept, in lists and in counts; and the other way around."""
    writer = bearer(database, Role.LEADER, STREET)
    one, two = (asking(link, writer) for link in links)
    for n, (ask, see) in enumerate(((one, two), (two, one))):
        for turn in range(TURNS):
            for each in (one, two):
                assert each("GET", TILE)[0] in (200, 204)  # kept by both from now on
            assert not edited(ask, registry, n, turn, see=see)


def test_a_session_that_ends_in_one_has_ended_in_the_other(
    links: Links, database: Database
) -> None:
    writer = bearer(database, Role.LEADER, STREET)
    one, two = (asking(link, writer) for link in links)
    assert [ask("GET", TILE)[0] for ask in (one, two)] == [204, 204]
    assert one("POST", "/auth/sign-out")[0] == 204
    assert [ask("GET", TILE)[0] for ask in (two, one)] == [401, 401]


def test_rights_that_shrink_in_one_have_shrunk_in_the_other(
    links: Links, database: Database, registry: Registry
) -> None:
    admin, own = bearer(database), account(database, Role.LEADER, STREET)
    told = {"authorization": f"Bearer {secret(database, own.id)}"}
    one, two = asking(links[0], admin), asking(links[1], told)
    assert not edited(two, registry, 0, 0)
    assert one("POST", f"/accounts/{own.id}/disable")[0] in (204, 303)
    assert two("GET", TILE)[0] == 401
