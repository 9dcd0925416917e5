"""The real application over a real PostGIS: once with the demo loaded, once empty and writable."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import connections, create_app
from api.cli import main
from api.demo import loading as demo
from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.registry import Registry
from tests.api.leak_ground import Ground, grown
from tests.cloning import clone
from tests.people import bearer

BASE = "http://127.0.0.1"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), upload_limit_mb=3, patrol_days=30)


@contextmanager
def populated(
    cluster: Cluster, template: str, settings: Settings, registry: Registry
) -> Iterator[Database]:
    """A database of its own with the demo in it."""
    name = f"district{uuid.uuid4().hex}"
    clone(cluster, name, template)
    database = Database(cluster.url(name), pool_size=connections(settings))
    demo.load(database, registry)
    yield database
    database.close()


@pytest.fixture(scope="session")
def district(
    cluster: Cluster, template: str, settings: Settings, registry: Registry
) -> Iterator[Database]:
    """A database with the demo in it, for tests that only read."""
    with populated(cluster, template, settings, registry) as database:
        yield database


@pytest.fixture(scope="session")
def reader(settings: Settings, district: Database, registry: Registry) -> Iterator[TestClient]:
    """A program that reads the demo in an admin's name."""
    with TestClient(create_app(settings, database=district, registry=registry), BASE) as client:
        client.headers.update(bearer(district))
        yield client


@pytest.fixture(scope="session")
def ground(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory, registry: Registry
) -> Iterator[Ground]:
    """Own and foreign ground, for tests that change nothing (`tests.api.leak_ground`)."""
    home = tmp_path_factory.mktemp("ground") / "home"
    with ExitStack() as stack:
        yield grown(
            cluster,
            template,
            Settings(home=home, upload_limit_mb=3, patrol_days=30),
            registry,
            stack,
        )


@pytest.fixture(autouse=True)
def _forgets_what_it_chose(request: pytest.FixtureRequest) -> Iterator[None]:
    """The reader is one for all tests: a language that one of them chose is not the next one's."""
    yield
    if "reader" in request.fixturenames:
        request.getfixturevalue("reader").cookies.clear()


@pytest.fixture
def client(settings: Settings, database: Database, registry: Registry) -> Iterator[TestClient]:
    """A program before empty layers that it may write to, in an admin's name."""
    with TestClient(create_app(settings, database=database, registry=registry), BASE) as client:
        client.headers.update(bearer(database))
        yield client


@pytest.fixture
def shapes() -> Path:
    return demo.FOLDER


# --- the command line ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def gridfield(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs the command line in a folder of its own against the test's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", url)

    def run(*arguments: str, lang: str = "zh") -> Done:
        monkeypatch.setenv("GRIDFIELD_LANG", lang)
        monkeypatch.setattr("sys.argv", ["gridfield", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Done(code or 0, *capsys.readouterr())

    return run
