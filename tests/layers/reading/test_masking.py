"""Names and numbers for those who may not have them: the same in SQL as in Python, everywhere."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.rights import RIGHTS, Right
from layers.declaring.words import Choice, Field, Label, Type
from layers.held.policies import acting
from layers.reading import masking
from layers.reading.masking import mask_name, mask_phone
from layers.reading.past import rows_on
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import BENCHES

KNOWING = {Role.LEADER, Role.OFFICER, Role.ADMIN}
MOBILE = "13800000001"


def told(connection: Connection, text: str) -> object:
    return connection.scalar(sa.select(masking.masked(sa.literal(text))))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张三", "张**"),
        ("欧阳海棠", "欧**"),
        ("张", "张**"),
        ("张三、李四", "张**、李**"),
        ("张三 ，张四；李四/王五", "张**、张**、李**、王**"),
        ("、张三、", "张**"),
        ("张 三", "张**"),
        ("\u3000张三\u3000", "张**"),
        ("", ""),
        (" 、 ", ""),
        ("𠮷野", "𠮷**"),
        ("O'Neil \\1 %s", "O**"),
        ("张三\n李四", "张**"),
        (MOBILE, "138****0001"),
    ],
)
def test_a_text_is_masked_in_sql_as_in_python(conn: Connection, text: str, shown: str) -> None:
    assert told(conn, text) == shown
    assert (mask_phone(text) if text == MOBILE else mask_name(text)) == shown


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("张三李 \t\n\u3000、，,;；/／*\\1()[]^$.a1𠮷"), max_size=12))
def test_any_text_is(conn: Connection, text: str) -> None:
    assert told(conn, text) == mask_name(text)


def test_what_is_masked_stays_as_it_is_when_masked_again(conn: Connection) -> None:
    for text in ("张三、张四", MOBILE):
        once = told(conn, text)
        assert told(conn, str(once)) in {once, mask_name(str(once))}


def test_numbers_and_choices_have_nothing_to_show(conn: Connection) -> None:
    word = Label("词", "word")
    layer = replace(
        BENCHES,
        fields=(
            Field(name="age", label=word, type=Type.INTEGER, personal=True),
            Field(name="faith", label=word, personal=True, choices=(Choice("a", word),)),
            Field(name="name", label=word, personal=True),
        ),
    )
    values = sa.values(
        sa.column("age", sa.BigInteger), sa.column("faith", sa.Text), sa.column("name", sa.Text)
    ).data([(40, "a", "张三")])
    shown = masking.shown(layer, values.alias("rows"))
    assert conn.execute(sa.select(shown)).one() == (40, "a", "张三")  # the machine's own
    conn.execute(sa.text("SELECT set_config('gridfield.role', 'viewer', true)"))
    assert conn.execute(sa.select(shown)).one() == (None, None, "张**")


def test_rows_without_anything_personal_are_the_table_itself(registry: Registry) -> None:
    for layer in registry.layers.values():
        rows = masking.shown(layer, table(layer))
        assert (rows is table(layer)) is not bool(masking.personal(layer))


@pytest.mark.parametrize("role", Role)
def test_whoever_may_change_records_knows_what_is_in_them(role: Role) -> None:
    # Else a change of one field would be made on what is masked in the others, and store that.
    somebody = Actor(1, None, "x", role, EVERYWHERE, "test")
    assert masking.knows(somebody) is (role in KNOWING)
    assert masking.knows(somebody) or Right.EDIT not in RIGHTS[role]


def test_no_layer_is_known_by_what_is_personal(registry: Registry) -> None:
    # A key that is taken is refused as taken, and a title stands on pages and in messages.
    for layer in registry.layers.values():
        hidden = {field.name for field in masking.personal(layer)}
        assert not hidden & {*layer.key, layer.title, layer.division}


def test_what_is_masked_is_found_by_the_spatial_index_all_the_same(
    database: Database, registry: Registry
) -> None:
    units = registry.layer("work_units")
    with database.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO work_units (name, kind, liaison_leader, geom)"
                " SELECT i, 'school', '张三', ST_SetSRID(ST_Point(101 + random(), 36 + random()),"
                " 4326) FROM generate_series(1, 20000) i"
            )
        )
        connection.execute(sa.text("ANALYZE work_units"))
    viewer = acting(database, Actor(None, None, "x", Role.VIEWER, EVERYWHERE, "test"))
    with viewer.read() as connection:
        rows = rows_on(units, None)
        near = rows.c.geom.op("&&")(sa.func.st_makeenvelope(101.5, 36.5, 101.52, 36.52, 4326))
        wanted = sa.select(rows.c.id, rows.c.liaison_leader).where(near)
        bound = wanted.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {bound}").scalars())
        assert {row.liaison_leader for row in connection.execute(wanted)} <= {"张**"}
    assert "work_units_geom" in plan
    assert "Filter" not in plan, plan
