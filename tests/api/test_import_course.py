"""A load tells how far it is, and ends when nobody wants it: then nothing is stored."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.settings import Settings
from api.uploads import course, drafts
from api.uploads.drafts import Draft, Drafts
from gis.postgis import Database
from gis.stopping import Interrupted
from layers.registry import Registry
from tests.api.event_client import Served, served
from tests.api.import_form import bring
from tests.people import bearer

LAYER = "work_units"
TABLE = "name,kind,lon_wgs84,lat_wgs84\n" + "".join(
    f"单位{n},学校,101.8{n},36.6\n" for n in range(5)
)
GIVEN_UP_S = 30.0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + GIVEN_UP_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def stored(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(sa.text(f"SELECT count(*) FROM {LAYER}")) or 0)


# --- what is told ---------------------------------------------------------------------------------
@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(tmp_path, LAYER, "台账.csv", 1, "")


def test_a_course_has_a_share_a_pace_and_an_end() -> None:
    found = course.Course("checking", 50, 200, 2.0)
    assert (found.share, found.rows_per_second, found.seconds_left) == (0.25, 12.5, 6.0)
    unknown = course.Course("reading", 0, 0, 2.0)
    assert (unknown.share, unknown.rows_per_second, unknown.seconds_left) == (None, None, None)


def test_others_see_how_far_a_load_is(draft: Draft) -> None:
    assert course.course(draft) is None
    with course.followed(draft, lambda: False) as following:
        tell = following.enter("copying")
        tell(3, 10)
        following.tell()
        found = course.course(draft)
        assert found is not None
        assert (found.phase, found.share) == ("copying", 0.3)
        tell(10, 10)
        following.tell()
        found = course.course(draft)
        assert found is not None
        assert (found.phase, found.share) == ("storing", None)
    assert course.course(draft) is None


@pytest.mark.parametrize("how", ["cancel", "hang up"])
def test_an_unwanted_load_is_interrupted(draft: Draft, how: str) -> None:
    gone = threading.Event()
    with pytest.raises(Interrupted), course.followed(draft, gone.is_set) as following:
        if how == "cancel":
            course.cancel(draft)
        else:
            gone.set()
        until(lambda: following.switch.thrown)
        following.enter("checking")
    with course.followed(draft, lambda: False) as following:  # the next one is not that one
        following.enter("checking")


def test_who_died_is_not_under_way(draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    with course.followed(draft, lambda: False):
        monkeypatch.setattr(course, "_SILENT_S", -1.0)
        assert course.course(draft) is None


# --- over HTTP ------------------------------------------------------------------------------------
def test_what_waits_is_not_running(client: TestClient) -> None:
    page = bring(client, LAYER, "台账.csv", TABLE.encode())
    address = page.address.partition("?")[0]
    told = client.get(f"{address}/progress")
    assert told.json() == {"running": False, "batch": None}
    assert told.headers["cache-control"] == "no-store"
    done = client.post(f"{address}/cancel", follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, address)
    assert client.get("/import/drafts/nobodys/progress").status_code == 404
    page.press("全部导入")
    assert client.get(f"{address}/progress").json() == {"running": False, "batch": 1}


@pytest.fixture
def running(database: Database, registry: Registry, tmp_path: Path) -> Iterator[Served]:
    with served(Settings(home=tmp_path), database, registry) as running:
        yield running


@contextmanager
def held(database: Database) -> Iterator[None]:
    """The layer's table is somebody else's: whoever loads waits for it in the database."""
    with database.engine.connect() as connection:
        connection.execute(sa.text(f"LOCK TABLE {LAYER} IN SHARE ROW EXCLUSIVE MODE"))
        yield
        connection.rollback()


def waiting(database: Database) -> bool:
    statement = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )
    with database.read() as connection:
        return bool(connection.scalar(statement))


def loading(
    running: Served, database: Database, home: Path
) -> tuple[http.client.HTTPConnection, Draft]:
    """A request that loads an upload, and is not answered yet."""
    headers = bearer(database)
    with database.read() as connection:
        account = connection.scalar(sa.text("SELECT max(id) FROM accounts"))
    uploads = Drafts(home / "uploads", 1 << 30, account)
    path = home / "台账.csv"
    path.write_text(TABLE, "utf-8")
    with path.open("rb") as content:
        draft = uploads.stage(content, layer=LAYER, name="台账.csv")
    line = http.client.HTTPConnection(running.host, running.port, timeout=GIVEN_UP_S)
    form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"on_conflict": "update"})
    line.request("POST", f"/import/drafts/{draft.token}", body, form)
    return line, draft


@pytest.mark.fault
@pytest.mark.parametrize("how", ["cancel", "hang up"])
def test_a_load_that_is_ended_stores_nothing(
    running: Served, database: Database, tmp_path: Path, how: str
) -> None:
    with held(database):
        line, draft = loading(running, database, tmp_path)
        with closing(line):
            until(lambda: waiting(database))
            until(lambda: course.course(draft) is not None)
            if how == "cancel":
                course.cancel(draft)
                answer = line.getresponse()
                assert answer.status == 303
                assert answer.headers["location"].startswith(f"/import/drafts/{draft.token}")
        until(lambda: not waiting(database))
    until(lambda: course.course(draft) is None)
    until(lambda: database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]
    assert stored(database) == 0
    state = drafts.Drafts(draft.folder.parent, 1 << 30, draft.account).find(draft.token)
    assert state.batch is None
    assert state.file.exists()
