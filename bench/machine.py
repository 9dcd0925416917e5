"""On what a run was made: processors, memory, load, and what of which version was measured."""

import os
import platform
import re
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.peers import tipg
from gis.server import postgres_binaries

PACKAGES = (
    *("fastapi", "uvicorn", "sqlalchemy", "psycopg2-binary", "numpy", "shapely", "pyogrio"),
    *("geopandas", "folium", "prcoords"),
)


def described() -> Mapping[str, Any]:
    """The machine as it is now."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(_memory() / 1024**3, 1),
        "system": _system(),
        "load": [round(each, 2) for each in os.getloadavg()],
        "versions": dict(_versions()),
    }


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = platform.system()
    return f"{name}, {platform.machine()}"


def _versions() -> Iterator[tuple[str, str]]:
    yield "Python", platform.python_version()
    found = postgres_binaries.server()
    yield "PostgreSQL", _number(found.program("postgres"), "--version")
    yield "PostGIS", _postgis(found.major)
    yield "ogr2ogr", _number("ogr2ogr", "--version")
    yield "tipg", _number_in(tipg.LOCK.read_text(encoding="utf-8"), r"^tipg==(\S+)")
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "none"


def _number(*command: str) -> str:
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "none"
    return _number_in(told, r"(\d+(?:\.\d+)+)")


def _postgis(major: int) -> str:
    control = Path(f"/usr/share/postgresql/{major}/extension/postgis.control")
    told = control.read_text(encoding="utf-8") if control.exists() else ""
    return _number_in(told, r"default_version = '([^']+)'")


def _number_in(text: str, pattern: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else "none"
