"""Cases for tests: records in any state, people who act, and the evidence that a step needs."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.clock import today
from layers.admission import accounts
from layers.cases import applying as cases
from layers.cases.applying import Applied, Attempted
from layers.declaring.people import EVERYWHERE, SYSTEM, Actor, Role
from layers.declaring.words import Field, Layer, Type
from layers.declaring.workflow import Clock, Transition
from layers.duties.persons import Person
from layers.photos import bringing as photos
from layers.photos.bringing import Wanted
from layers.reading import features
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS
from layers.schema.cases import CASES, STEPS
from layers.schema.photos import PHOTO_UPLOADS, PHOTOS
from layers.schema.tables import table
from tests import factories

LATER = timedelta(days=400)


def somebody(
    connection: Connection, role: Role, division: str = EVERYWHERE, *, name: str = "某人"
) -> Actor:
    """Somebody with an account of their own."""
    login = f"{role.value}-{uuid.uuid4().hex[:8]}"
    account = accounts.create(connection, Person(name=name), login, role, division).id
    person = sa.select(ACCOUNTS.c.person_id).where(ACCOUNTS.c.id == account)
    return Actor(account, connection.scalar(person), name, role, division, "web")


@contextmanager
def acting(connection: Connection, actor: Actor) -> Iterator[None]:
    """The connection as this actor's, but for row-level security: that has tests of its own."""
    for name, value in actor.settings().items():
        connection.execute(sa.select(sa.func.set_config(name, value, True)))
    yield
    nobody(connection)


def nobody(connection: Connection) -> None:
    """The connection as the owner's again; a transaction that failed goes back first."""
    for name in SYSTEM.settings():
        connection.execute(sa.select(sa.func.set_config(name, "", True)))


def opened(connection: Connection, layer: Layer, state: str, **given: object) -> int:
    """A new record in a state, with what every record has and nothing else."""
    flow = cases.flow_of(layer)
    needed = {f.name for f in layer.fields if f.required} | {layer.title, flow.opened}
    values = {k: v for k, v in factories.record(layer).items() if k in needed}
    values |= {str(layer.title): f"案 {uuid.uuid4().hex}", flow.status: state, **given}
    return features.insert(connection, layer, values, factories.geometry(layer))


@dataclass(frozen=True, slots=True)
class Case:
    """What is stored of a case: its record, its row of `cases` and its steps."""

    record: Mapping[str, Any]
    case: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]


def stored(connection: Connection, layer: Layer, feature: int) -> Case:
    rows = table(layer)
    record = connection.execute(sa.select(rows).where(rows.c.id == feature)).mappings().one()
    mine = [(x.c.layer == layer.name) & (x.c.feature == feature) for x in (CASES, STEPS)]
    case = connection.execute(sa.select(CASES).where(mine[0])).mappings().one()
    steps = connection.execute(sa.select(STEPS).where(mine[1]).order_by(STEPS.c.ordinal))
    return Case(dict(record), dict(case), tuple(dict(row) for row in steps.mappings()))


# --- evidence -------------------------------------------------------------------------------------
def asked(layer: Layer, transition: Transition, later: timedelta = LATER) -> dict[str, object]:
    """What a transition asks, given as it should be; `later` is until when it puts off."""
    return {name: _value(layer.field(name), transition, later) for name in transition.asks}


def _value(field: Field, transition: Transition, later: timedelta) -> object:
    if field.type is Type.DATE:
        late = later if transition.clock in (Clock.EXTEND, Clock.HANG) else timedelta()
        return (today() + late).isoformat()
    return factories._value(field, 1)


def bring_photos(
    connection: Connection, layer: Layer, feature: int, roles: tuple[str, ...]
) -> None:
    """Photographs of these roles, whose bytes are here."""
    for role in roles:
        sha256 = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
        seen = {"bytes": 1, "media_type": "image/jpeg", "width": 1, "height": 1}
        connection.execute(sa.insert(PHOTOS).values(sha256=sha256, kept_at=sa.func.now(), **seen))
        connection.execute(sa.insert(PHOTO_UPLOADS).values(sha256=sha256))
        photos.attach(connection, layer, feature, [Wanted(sha256, role)])


def bring_documents(
    connection: Connection,
    registry: Registry,
    layer: Layer,
    feature: int,
    transition: Transition,
    *,
    served: bool = True,
) -> None:
    """The documents of a transition, on record and served."""
    kept = cases.flow_of(layer).documents
    for n, each in enumerate(transition.documents if kept else ()):
        assert kept is not None
        papers = registry.layer(kept.layer)
        title = stored(connection, layer, feature).case["title"]
        values = {f.name: factories._value(f, 0) for f in papers.fields if f.required}
        values |= {kept.of: title, kept.kind: each.kind}
        values |= {name: f"{uuid.uuid4().hex}-{n}" for name in papers.key if name in values}
        values |= {kept.of: title, kept.kind: each.kind}
        if kept.served_on and served:
            values[kept.served_on] = today()
        features.insert(connection, papers, values, factories.geometry(papers))


def take(  # noqa: PLR0917
    connection: Connection,
    registry: Registry,
    actor: Actor,
    layer: Layer,
    feature: int,
    name: str,
    **given: object,
) -> Applied:
    """Take a step with all that it needs; `given` goes before."""
    transition = cases.flow_of(layer).transition(name)
    with acting(connection, actor):
        bring_photos(connection, layer, feature, transition.photos)
    bring_documents(connection, registry, layer, feature, transition)
    attempted = Attempted(
        transition=name,
        values={**asked(layer, transition), **given},
        reason="理由" if transition.reason else "",
    )
    with acting(connection, actor):
        applied = cases.apply(connection, registry, actor, layer, feature, attempted)
    settle(connection)
    return applied


def settle(connection: Connection) -> None:
    """What is checked at the end of a transaction is checked now."""
    for when in ("IMMEDIATE", "DEFERRED"):
        connection.execute(sa.text(f"SET CONSTRAINTS ALL {when}"))
