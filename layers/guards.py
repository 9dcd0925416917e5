"""What follows from the declarations inside the database: history, places and rights.

Made anew whenever it differs from what this version wants, so that a new layer is one declaration
and one generated migration.
"""

import hashlib
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.admission import sessions
from layers.declaring.words import Layer
from layers.duties import searching
from layers.freshness import counting
from layers.held import cases as case_guards
from layers.held import duties as duty_guards
from layers.held import levels, placing, policies, recording, step_chain, united
from layers.held import parents as parent_guards
from layers.held import patrols as patrol_guards
from layers.held import photos as photo_guards
from layers.held import same as same_guards
from layers.held import submissions as submission_guards
from layers.held.wiring import Schemas, literal, quoted, run, unwire
from layers.here import responsibility
from layers.notices import guards as notice_guards
from layers.reading import reading_log
from layers.registry import Registry
from layers.schema.duties import DUTIES, DUTIES_VERSIONS
from layers.schema.tables import table, versions_table
from layers.schema.versions import CHANGES
from layers.serving import tiles
from layers.submissions import announcing, storing
from layers.thematic import divisions

_NOTE = "gridfield guards "
_SCHEMAS = sa.text("""
SELECT current_schema()::regnamespace::text,
  (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'postgis')
""")


def install(connection: Connection, registry: Registry) -> None:
    """Give every layer its history, places and rights; nothing is touched when all is in place.

    A layer that has features but no version yet gets one of each. Problem(DATABASE_ROLE_UNFIT).
    """
    policies.ensure_role(connection)
    policies.promote(connection)
    layers = _divisions_first(registry)
    wanted = list(_statements(connection, layers))
    note = _NOTE + hashlib.sha256("\n".join(wanted).encode()).hexdigest()
    if _noted(connection) == note:
        return
    unwire(connection)
    for statement in wanted:
        run(connection, statement)
    run(connection, f"COMMENT ON TABLE {CHANGES.name} IS {literal(note)}")
    for layer in layers:
        _adopt(connection, layer)
    _adopt_duties(connection)
    step_chain.adopt(connection)
    case_guards.adopt(connection, layers)
    levels.adopt(connection, layers)
    united.adopt(connection, layers)


def remove(connection: Connection) -> None:
    """Take all of it away, so that a migration may change any table."""
    unwire(connection)
    if sa.inspect(connection).has_table(CHANGES.name):
        run(connection, f"COMMENT ON TABLE {CHANGES.name} IS NULL")


def _statements(connection: Connection, layers: Sequence[Layer]) -> Iterator[str]:
    schemas = Schemas(*connection.execute(_SCHEMAS).one())
    yield from recording.statements(layers, schemas)
    yield from placing.statements(layers, schemas)
    yield from duty_guards.statements(layers, schemas)
    yield from policies.statements(layers, schemas)
    yield from searching.statements(layers, schemas)
    yield from submission_guards.statements(layers, schemas)
    yield from parent_guards.statements(layers, schemas)
    yield from case_guards.statements(layers, schemas)
    yield from storing.statements(layers)
    yield from announcing.statements(schemas)
    yield from sessions.statements()
    yield from reading_log.statements()
    yield from patrol_guards.statements()
    yield from photo_guards.statements(layers, schemas)
    yield from notice_guards.statements(schemas)
    yield from same_guards.statements(layers, schemas)
    yield from counting.statements(layers, schemas)
    yield from levels.statements(layers, schemas)
    yield from united.statements(layers, schemas)
    yield from tiles.statements(layers)
    yield from responsibility.statements()


def _noted(connection: Connection) -> str | None:
    note = sa.text("SELECT obj_description(to_regclass(:name), 'pg_class')")
    found: str | None = connection.scalar(note, {"name": CHANGES.name})
    return found


def _divisions_first(registry: Registry) -> list[Layer]:
    return sorted(registry.layers.values(), key=lambda layer: layer is not divisions.LAYER)


def _adopt(connection: Connection, layer: Layer) -> None:
    """First versions for features that are older than their history; a place for each."""
    rows, versions = table(layer), versions_table(layer)
    known = connection.scalar(sa.select(sa.exists(sa.select(versions.c.id))))
    if known or not connection.scalar(sa.select(sa.exists(sa.select(rows.c.id)))):
        return
    passing = [*placing.adopters(layer), recording.adopter(recording.of_layer(layer))]
    for statement in passing:
        run(connection, statement)
    # Changes nothing itself; the trigger that every write of it fires sets the place.
    watched = "geom" if layer.has_shape else str(layer.belongs)
    connection.execute(sa.update(rows).values({watched: rows.c[watched]}))
    for name in {placing.ADOPTER, recording.ADOPTER}:
        run(connection, f"DROP TRIGGER IF EXISTS {name} ON {quoted(layer.name)}")


def _adopt_duties(connection: Connection) -> None:
    """First versions for duties that are older than their history."""
    known = connection.scalar(sa.select(sa.exists(sa.select(DUTIES_VERSIONS.c.id))))
    if known or not connection.scalar(sa.select(sa.exists(sa.select(DUTIES.c.id)))):
        return
    run(connection, recording.adopter(recording.DUTIES))
    connection.execute(sa.update(DUTIES).values(document=DUTIES.c.document))
    run(connection, f"DROP TRIGGER {recording.ADOPTER} ON {DUTIES.name}")
