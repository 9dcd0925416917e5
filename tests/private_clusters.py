"""Private clusters for the tests that start, stop and kill one of their own."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection
from sqlalchemy import make_url

from gis.cluster import Cluster


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A short folder that every account may pass through, as a project's folder is."""
    folder = Path(tempfile.mkdtemp(prefix="gf-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def used_home() -> Iterator[Path]:
    """The home of a cluster that was made and stopped: a copy is quicker than another initdb."""
    with passable_folder() as home:
        with Cluster(home, durable=False).running():
            pass
        yield home


def copied(pattern: Path, home: Path) -> Cluster:
    """The cluster of `pattern` once more, under another home."""
    subprocess.run(["cp", "-a", pattern, home], check=True)
    return Cluster(home, durable=False)


def connect(url: str, **other: object) -> connection:
    """A connection of which every statement commits."""
    parsed = make_url(url)
    _, parameters = parsed.get_dialect()().create_connect_args(parsed)
    link: connection = psycopg2.connect(**{**parameters, "connect_timeout": 5, **other})
    link.autocommit = True
    return link


def ask(url: str, *statements: str) -> object:
    """The first value that the last of the statements answers."""
    with closing(connect(url)) as link, link.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return (cursor.fetchone() or (None,))[0] if cursor.description else None
