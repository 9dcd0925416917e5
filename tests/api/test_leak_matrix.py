"""Nothing foreign leaves by any route: not a text, a number, a count, or an ETag that differs.

Whatever one person asks is answered with foreign ground in the database exactly as without it.
"""

import re
from collections.abc import Mapping, Sequence

import httpx2
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from api.app import create_app
from api.settings import Settings
from layers.declaring.people import Role
from layers.registry import Registry
from tests.api import leak_matrix, leak_reading
from tests.api.leak_ground import Asker, Ground, State
from tests.api.leak_matrix import OPEN, PAGES, READ_BY_POST, Ask, Operation, Scene
from tests.api.leak_places import OWN_NAME, traces
from tests.api.leak_writes import WRITES, Aim
from tests.api.routing import operations

# Rights follow the division alone, masks the role too: two ask everything, the others each
# another part of it.
ASKERS = {
    "own-admin": (0, 1),
    "own-viewer": (0, 1),
    "own-inspector": (0, 4),
    "own-leader": (1, 4),
    "own-officer": (2, 4),
    "street-admin": (0, 3),
    "street-viewer": (1, 4),
    "street-leader": (2, 4),
    "newcomer": (0, 4),
}
WRITERS = {"own-admin": (0, 1), "own-leader": (0, 3), "own-viewer": (1, 3), "street-admin": (2, 3)}
_KNOWING = {Role.LEADER, Role.OFFICER, Role.ADMIN}
# A name of somebody with a duty, or a number, as only these may have it.
_UNMASKED = re.compile(rf"{OWN_NAME}[^*]|1380000000[0-9]")
_NEVER = re.compile(r"(?!)")
# A word so long can be a trace of its own; shorter ones stand in much else.
_TELLING = 6
_ROW_BY_ROW = ("POST", "/people/import")
# What tells nothing of the ground, to nobody.
_BLIND = {
    ("GET", "/metrics"): "counts of requests, for whoever reaches everywhere",
    ("GET", "/auth/sessions"): "one's own sessions",
    ("GET", "/auth/password"): "one's own account",
    ("GET", "/collections/{layer}/items/new"): "an empty form",
    ("GET", "/collections/{layer}/queryables"): "the declaration alone",
    ("GET", "/collections/{layer}/schema"): "the declaration alone",
    ("GET", "/field"): "the app's shell; what it shows, it asks for",
    ("GET", "/maps/{theme}"): "a page without data, but for the bounds of the first view",
    ("GET", "/maps/{theme}/fields"): "the declaration alone",
    ("GET", "/maps/{theme}/in-sight"): "counts alone, compared with those without foreign rows",
    ("GET", "/import/drafts/{token}/progress"): "how far one's own load has come",
    ("GET", "/tiles"): "addresses alone",
    ("GET", "/collections/{layer}/tiles"): "addresses alone",
    ("GET", "/tileMatrixSets"): "addresses alone",
    ("GET", "/tileMatrixSets/WebMercatorQuad"): "geometry of the tiling",
}
# The same for one form of an answer.
_BLIND_FORMS = {
    (("GET", "/"), ""),  # addresses alone
    (("GET", "/here/answer"), "html"),  # nothing was asked for yet
    (("GET", "/maps/{theme}/search"), "html"),  # the same
    (("GET", "/notices/choices"), ""),  # one's own choices
    (("GET", "/import/drafts/{token}/features"), ""),  # its datum is in doubt: nothing is drawn
}


@pytest.fixture(scope="module")
def app(ground: Ground) -> FastAPI:
    found = ground.whole.client.app
    assert isinstance(found, FastAPI)
    return found


@pytest.fixture(scope="module")
def asks(ground: Ground, registry: Registry, app: FastAPI) -> Mapping[Operation, Sequence[Ask]]:
    """Everything that is asked, by operation."""
    scene, described = Scene(ground, registry), leak_matrix.described(app)
    reading = [op for op in described if op not in OPEN and (op[0] == "GET" or op in READ_BY_POST)]
    known = [op for op in reading if not leak_matrix.unknown(op, ())]
    found = {op: list(leak_matrix.reading(scene, op, described[op])) for op in known}
    for op in PAGES:
        found.setdefault(op, []).extend(leak_matrix.opening(scene, op))
    return found


def answer(state: State, asker: Asker, ask: Ask) -> httpx2.Response:
    found = state.client.request(headers={**asker.headers, **ask.headers}, **ask.sent())
    assert found.status_code < 500, (asker.name, ask, found.text)
    return found


def told(response: httpx2.Response, ask: Ask) -> str:
    """What an answer tells beyond the words of the question."""
    text = leak_reading.text(response)
    for word in sorted(ask.words(), key=len, reverse=True):
        if len(word) >= _TELLING or not word.isascii():
            text = text.replace(word, "")
    return text


# --- every route ----------------------------------------------------------------------------------
def _routes(app: FastAPI) -> set[Operation]:
    return {(m, re.sub(r":\w+}", "}", path)) for m, path in operations(app.routes)}


def _claimed(app: FastAPI) -> set[Operation]:
    """What is asked about, or open for a reason. A route that reads is claimed by being described:
    what is asked follows from its address and parameters, and those have to be known."""
    read = {op for op in leak_matrix.described(app) if op[0] == "GET"}
    return read | set(READ_BY_POST) | set(PAGES) | set(WRITES) | set(OPEN)


def test_every_route_is_searched_or_is_open_for_a_reason(app: FastAPI) -> None:
    routes, claimed = _routes(app), _claimed(app)
    assert routes - claimed == set(), "what is to be asked of these? (leak_matrix, leak_writes)"
    assert claimed - routes == set(), "these are gone"
    assert not set(WRITES) & (set(OPEN) | set(READ_BY_POST) | set(PAGES))
    assert all(OPEN.values())


def test_a_new_route_is_missed(settings: Settings, ground: Ground, registry: Registry) -> None:
    fresh = create_app(settings, database=ground.whole.database, registry=registry)

    @fresh.post("/forgotten")
    def _changing() -> None: ...

    @fresh.get("/hidden", include_in_schema=False)
    def _hidden() -> None: ...

    @fresh.get("/reading/{serial}")
    def _reading(serial: int, beside: str = "") -> str:
        return f"{serial}{beside}"

    assert _routes(fresh) - _claimed(fresh) == {("POST", "/forgotten"), ("GET", "/hidden")}
    described = leak_matrix.described(fresh)
    new = ("GET", "/reading/{serial}")
    assert leak_matrix.unknown(new, described[new]) == {"serial", "beside"}


def test_every_part_of_an_address_and_every_parameter_is_asked_about(
    app: FastAPI, asks: Mapping[Operation, Sequence[Ask]]
) -> None:
    described = leak_matrix.described(app)
    unknown = {
        op: names
        for op, parameters in described.items()
        if op not in OPEN and op not in WRITES and (names := leak_matrix.unknown(op, parameters))
    }
    assert not unknown, "what is to be asked with these? (leak_matrix)"
    assert all(asks.values())
    assert sum(map(len, asks.values())) > 500


# --- reading --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ASKERS)
def test_nothing_foreign_is_read(
    ground: Ground, asks: Mapping[Operation, Sequence[Ask]], name: str
) -> None:
    asker, (first, step) = ground.askers[name], ASKERS[name]
    lone, trace = ground.without_foreign(asker), traces(ground.foreign(asker))
    hidden = _NEVER if asker.role in _KNOWING else _UNMASKED
    leaks = []
    for operation, each in asks.items():
        for ask in each[first % len(each) :: step]:
            alone, among = answer(lone, asker, ask), answer(ground.whole, asker, ask)
            text = told(among, ask)
            found = trace.search(text) or hidden.search(text)
            same = leak_reading.stable(alone) == leak_reading.stable(among)
            if found or not same:
                seen = (alone.status_code, among.status_code, found and found[0])
                leaks.append((operation, ask.path, ask.params, seen))
    assert not leaks, _told_of(leaks)


def test_the_search_finds_what_is_there(
    ground: Ground, asks: Mapping[Operation, Sequence[Ask]]
) -> None:
    """Whoever may see everything finds the marks by every route and in every format."""
    silent = set()
    for operation, each in asks.items():
        if operation not in _BLIND:
            forms = {dict(ask.params).get("f", "") for ask in each}
            shown = {form for form in forms if _shows(ground, each, form)}
            silent |= {(operation, form) for form in forms - shown}
    assert sorted(silent) == sorted(_BLIND_FORMS)


def _shows(ground: Ground, asks: Sequence[Ask], form: str) -> bool:
    trace = traces(("near", "far"))
    return any(
        trace.search(told(answer(ground.whole, ground.askers[name], ask), ask))
        for name in ("everywhere", "far-admin")  # an upload is shown to who brought it
        for ask in asks
        if dict(ask.params).get("f", "") == form
    )


def test_the_search_finds_a_policy_that_is_missing(
    ground: Ground, asks: Mapping[Operation, Sequence[Ask]]
) -> None:
    asker, state = ground.askers["own-viewer"], ground.whole
    lone, trace = ground.without_foreign(asker), traces(("near", "far"))
    switch = "ALTER TABLE courtyards {} ROW LEVEL SECURITY"
    with state.database.begin() as connection:
        connection.execute(sa.text(switch.format("DISABLE")))
    try:
        found = [
            (trace.search(told(among, ask)) is not None, alone != leak_reading.stable(among))
            for ask in asks["GET", "/collections/{layer}/items"]
            if "courtyards" in ask.path
            for alone in [leak_reading.stable(answer(lone, asker, ask))]
            for among in [answer(state, asker, ask)]
        ]
    finally:
        with state.database.begin() as connection:
            connection.execute(sa.text(switch.format("ENABLE")))
    assert any(marked for marked, _ in found)
    assert any(differs for _, differs in found)


# --- changing -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", WRITERS)
def test_nothing_foreign_is_changed_and_the_refusal_tells_nothing(
    ground: Ground, registry: Registry, name: str
) -> None:
    asker, (first, step) = ground.askers[name], WRITERS[name]
    lone, trace = ground.without_foreign(asker), traces(ground.foreign(asker))
    before = contents(ground.whole)
    leaks = []
    for part in (*ground.foreign(asker), None):
        for operation, aims in WRITES.items():
            for ask in [*aims(Aim(ground, registry, part))][first::step]:
                alone, among = answer(lone, asker, ask), answer(ground.whole, asker, ask)
                found = trace.search(told(among, ask))
                same = leak_reading.stable(alone) == leak_reading.stable(among)
                # A list of people is answered row by row.
                refused = 400 <= among.status_code < 500 or operation == _ROW_BY_ROW
                if found or not same or not refused:
                    text = told(among, ask)
                    around = found and text[max(0, found.start() - 80) : found.end() + 80]
                    seen = (alone.status_code, among.status_code, around or text[:200])
                    leaks.append((operation, ask.path, ask.content or ask.data, seen))
    assert not leaks, _told_of(leaks)
    assert contents(ground.whole) == before


def _told_of(leaks: Sequence[tuple[object, ...]]) -> str:
    return "\n".join([f"{len(leaks)} leaks", *(str(leak)[:700] for leak in leaks[:30])])


def contents(state: State) -> Mapping[str, str]:
    """A digest of every table, but for when sessions were seen; and the uploads that wait."""
    tables = sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    with state.database.read() as connection:
        names = [n for n in connection.scalars(tables) if n not in ("sessions", "spatial_ref_sys")]
        found = {
            name: str(
                connection.scalar(
                    sa.text(
                        f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{name}\" t"
                    )
                )
            )
            for name in names
        }
        open_sessions = sa.text("SELECT count(*) FROM sessions WHERE revoked_at IS NULL")
        return found | {"open sessions": str(connection.scalar(open_sessions))}
