"""What this machine has of what Gridfield needs, and how to mend the rest."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pyogrio
import pyproj

from gis.formats.ogr import FLATGEOBUF, GEOPACKAGE, KML, SHAPEFILE
from gis.server import cluster_place, ordinary_account, postgres_binaries

# GeoJSON and CSV are read and written without GDAL.
_DRIVERS = (SHAPEFILE, GEOPACKAGE, FLATGEOBUF, KML)
_FREE_GB = 2
_REINSTALL = "make setup"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `mend` is a command or setting; what is not `required` only helps."""

    zh: str
    en: str
    ok: bool
    found: str
    mend: str
    required: bool = True


def examine(home: Path, *, private: bool = True, port: int | None = None) -> list[Check]:
    """Look at everything; `private` for a cluster of our own, `port` for a server to be started."""
    checks = [_python(), _gdal(), _proj(), _disk(home), _writable(home)]
    if private:
        checks += [_postgres(), _postgis()]
    if port is not None:
        checks.append(_port(port))
    return [*checks, _font(), _chromium()]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    mend = "sudo apt-get install python3.11 python3.11-venv"
    return Check("Python ≥ 3.11", "Python ≥ 3.11", sys.version_info >= (3, 11), found, mend)


def _postgres() -> Check:
    servers = [item for item in postgres_binaries.installed() if item.has("postgres", "initdb")]
    found = ", ".join(f"{item.major} ({item.folder})" for item in servers)
    mend = postgres_binaries.install_command()
    return Check("PostgreSQL 服务器", "PostgreSQL server", bool(servers), found or "–", mend)


def _postgis() -> Check:
    servers = [item for item in postgres_binaries.installed() if item.has("postgres", "initdb")]
    fitting = [str(item.major) for item in servers if item.has_postgis]
    found = f"PostgreSQL {', '.join(fitting)}" if fitting else "–"
    mend = postgres_binaries.install_command(servers[0].major if servers else None)
    return Check("PostGIS 扩展", "PostGIS extension", bool(fitting), found, mend)


def _gdal() -> Check:
    have = pyogrio.list_drivers(write=True)
    missing = [name for name in _DRIVERS if name not in have]
    found = f"GDAL {'.'.join(map(str, pyogrio.__gdal_version__))}"
    if missing:
        found += f" − {', '.join(missing)}"
    return Check("GDAL 格式驱动", "GDAL format drivers", not missing, found, _REINSTALL)


def _proj() -> Check:
    """CGCS2000 (EPSG:4490) to its 102° zone (EPSG:4543) and back, which needs no grid file."""
    name = "PROJ 与 CGCS2000", "PROJ and CGCS2000"
    try:
        zone = pyproj.Transformer.from_crs(4490, 4543, always_xy=True, allow_ballpark=False)
        east_m, north_m = zone.transform(101.78, 36.62)
        lon, lat = zone.transform(east_m, north_m, direction="INVERSE")
    except pyproj.exceptions.ProjError as error:
        return Check(*name, ok=False, found=str(error), mend=_REINSTALL)
    # A nanodegree is a tenth of a millimetre.
    same = abs(lon - 101.78) < 1e-9 and abs(lat - 36.62) < 1e-9
    return Check(*name, ok=same, found=f"PROJ {pyproj.proj_version_str}", mend=_REINSTALL)


def _disk(home: Path) -> Check:
    free_gb = shutil.disk_usage(ordinary_account.nearest(home.absolute())).free / 1e9
    name = f"可用磁盘 ≥ {_FREE_GB} GB", f"Free disk ≥ {_FREE_GB} GB"
    return Check(*name, free_gb >= _FREE_GB, f"{free_gb:.1f} GB", "GRIDFIELD_HOME=…")


def _writable(home: Path) -> Check:
    folder = ordinary_account.nearest(home.absolute())
    ok = os.access(folder, os.W_OK | os.X_OK)
    return Check("数据目录可写", "Home can be written", ok, str(home), f"chmod u+wx {folder}")


def _port(port: int) -> Check:
    free = cluster_place.port_is_free(port)
    mend = "gridfield serve --port …"
    return Check("端口空闲", "Port is free", free, f"127.0.0.1:{port}", mend)


def _font() -> Check:
    """Only printing needs a font of the machine; maps in a browser use the reader's."""
    listing = shutil.which("fc-list")
    families = ""
    if listing:
        families = subprocess.run(  # noqa: S603 (a fixed program with fixed arguments)
            [listing, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
        ).stdout
    found = families.partition("\n")[0] or "–"
    mend = "sudo apt-get install fonts-noto-cjk"
    return Check("中文字体", "A Chinese font", bool(families), found, mend, required=False)


def _chromium() -> Check:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    mend = "sudo apt-get install chromium"
    return Check("Chromium", "Chromium", found is not None, found or "–", mend, required=False)
