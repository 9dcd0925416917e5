"""kill -9 in the middle of an import leaves every row or none, and the next import works."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from gis import files
from gis.postgis import Database
from layers.arriving.importing import load
from layers.registry import Registry
from layers.schema.tables import IMPORT_BATCHES, IMPORT_CHANGES, table
from tests.factories import grid_code

pytestmark = pytest.mark.fault

ROWS = 4000
# Tells each step on stdout, so that the test can kill it at a step and not at a guessed time.
CHILD = """
import sys
from pathlib import Path
from gis import files
from gis.postgis import Database
from layers.arriving.importing import load
from layers.registry import discover

def tell(done, total):
    print(done, flush=True)

database, registry = Database(sys.argv[1]), discover()
layer, source = registry.layer("grid_fields"), files.read(Path(sys.argv[2]))
load(database, registry, layer, source, progress=tell)
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four thousand fields in rows that touch, so that tinting them takes its time too."""
    path = tmp_path_factory.mktemp("ledger") / "fields.geojsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(ROWS):
            west, south = 101.8 + n % 80 * 0.001, 36.6 + n // 80 * 0.001
            east, north = west + 0.001, south + 0.001
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            feature = {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {
                    "code": grid_code(n),
                    "name": f"网格{n}",
                    "kind": "basic",
                    "leader": f"网格长{n % 50}",
                },
            }
            file.write(json.dumps(feature) + "\n")
    return path


@pytest.mark.parametrize(
    ("step", "delay_s"),
    [
        (1, 0),  # the first column is being checked
        (ROWS, 0),  # all checked, nothing sent
        (ROWS + 2000, 0),  # half sent
        (2 * ROWS, 0),  # all sent: being stored
        (2 * ROWS, 0.05),
        (2 * ROWS, 0.15),
        (2 * ROWS, 0.3),  # about to commit, or committed
    ],
)
def test_a_killed_import_leaves_all_or_nothing(
    database: Database, registry: Registry, ledger: Path, step: int, delay_s: float
) -> None:
    layer = registry.layer("grid_fields")
    killed = kill_at(database, ledger, step, delay_s)
    wait_until_alone(database)
    with database.read() as connection:
        found = connection.scalar(sa.select(sa.func.count()).select_from(table(layer)))
        loads, remembered = (
            connection.scalar(sa.select(sa.func.count()).select_from(each))
            for each in (IMPORT_BATCHES, IMPORT_CHANGES)
        )
        untinted = connection.scalar(
            sa.select(sa.func.count()).where(table(layer).c.tint.is_(None))
        )
    assert found in {0, ROWS}
    assert (loads, remembered) == ((1, ROWS) if found else (0, 0))
    assert untinted == 0
    if delay_s == 0:
        assert killed
    if step < 2 * ROWS:
        assert found == 0
    if found == 0:
        assert load(database, registry, layer, files.read(ledger)).new == ROWS


def kill_at(database: Database, ledger: Path, step: int, delay_s: float) -> bool:
    """Kill the importing process when it tells `step`; whether it was still alive."""
    url = database.engine.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(ledger)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip().isdecimal() and int(line) >= step:
                break
        time.sleep(delay_s)
        alive = child.poll() is None
        child.kill()
        child.wait(30)
    return alive and child.returncode == -signal.SIGKILL


def wait_until_alone(database: Database) -> None:
    """PostgreSQL notices a client's death when it next speaks to it."""
    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend' AND state <> 'idle'"
    )
    for _ in range(600):
        with database.read() as connection:
            if connection.scalar(others) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the killed client's session did not end")
