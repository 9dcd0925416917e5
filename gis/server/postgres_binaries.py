"""Where PostgreSQL's own programs are on this machine, and what to install when they are not."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Problem
from gis.refusals.database import POSTGRES_MISSING

DEBIAN_ROOT = Path("/usr/lib/postgresql")
_INSTALL = "sudo apt-get install --no-install-recommends"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One folder of PostgreSQL programs of one major version."""

    folder: Path
    major: int
    has_postgis: bool

    def program(self, name: str) -> str:
        return str(self.folder / name)

    def has(self, *names: str) -> bool:
        return all((self.folder / name).is_file() for name in names)


def installed(root: Path = DEBIAN_ROOT) -> list[Binaries]:
    """Every set of programs found, newest first: Debian's folders, then the search path."""
    found = {item.folder: item for item in _inspect_all(root)}
    return sorted(found.values(), key=lambda item: item.major, reverse=True)


def server(major: int | None = None, root: Path = DEBIAN_ROOT) -> Binaries:
    """The newest server with PostGIS, or that of `major`.

    Errors: `POSTGRES_MISSING` with the command that installs it.
    """
    servers = [item for item in installed(root) if item.has("postgres", "initdb")]
    fitting = [item for item in servers if major in (None, item.major)]
    for item in fitting:
        if item.has_postgis:
            return item
    what = "PostGIS" if fitting else "PostgreSQL"
    newest = fitting[0].major if fitting else major
    raise Problem(POSTGRES_MISSING, what=what, mend=install_command(newest))


def client(at_least: int, root: Path = DEBIAN_ROOT) -> Binaries:
    """The newest pg_dump and pg_restore that understand a server of version `at_least`.

    Errors: `POSTGRES_MISSING` with the command that installs them.
    """
    for item in installed(root):
        if item.major >= at_least and item.has("pg_dump", "pg_restore"):
            return item
    mend = f"{_INSTALL} postgresql-client-{at_least}"
    raise Problem(POSTGRES_MISSING, what=f"pg_dump {at_least}", mend=mend)


def install_command(major: int | None = None) -> str:
    """The apt command for a server with PostGIS, of a given major version when one is wanted."""
    packages = f"postgresql-{major}-postgis-3" if major else "postgresql-postgis"
    return f"{_INSTALL} {packages}"


def _inspect_all(root: Path) -> Iterator[Binaries]:
    folders = [path.resolve() for path in root.glob("*/bin")]
    on_path = shutil.which("postgres") or shutil.which("pg_dump")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        binaries = _inspect(folder)
        if binaries:
            yield binaries


def _inspect(folder: Path) -> Binaries | None:
    try:
        answer = subprocess.run(  # noqa: S603 (a fixed program with fixed arguments)
            [folder / "pg_config", "--version", "--sharedir"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version, _, share = answer.strip().partition("\n")
    major = re.search(r"\d+", version)
    control = Path(share) / "extension" / "postgis.control"
    return Binaries(folder, int(major[0]), control.is_file()) if major else None
