"""One PostgreSQL server process: how it is launched, told from others, and ended."""

import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gis.server import private_files
from gis.server.cluster_place import Address, Place
from gis.server.postgres_binaries import Binaries

OWNER = "gridfield"

# Sized for two cores and a few GB beside the application. Logs keep statements and row values out:
# they would carry personal data to where no one looks for it.
_SETTINGS = """\
# Written by Gridfield at each start. Your own settings: ALTER SYSTEM SET …
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
max_wal_size = '2GB'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] '
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
"""
_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
# Root is let in beside the account: it could read the files anyhow.
_RULES = f"""\
# Written by Gridfield at each start.
local all {OWNER} peer map={OWNER}
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""
_LOG_PREFIX = re.compile(r"^\S+ \S+ \S+ \[\d+\] ")


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` says of a server: its process, address and state."""

    pid: int
    address: Address
    state: str


def initdb_command(binaries: Binaries, data: Path, *, durable: bool) -> list[str]:
    """Codepoint order is fast and never changes under an index; names sort by ICU collations."""
    return [
        binaries.program("initdb"),
        *("--pgdata", str(data), "--username", OWNER),
        *("--encoding", "UTF8", "--locale", "C.UTF-8"),
        # Only for a server started by hand; ours reads its own rules.
        *("--auth-local", "peer", "--auth-host", "reject"),
        "--data-checksums",
        "--no-instructions",
        *(() if durable else ("--no-sync",)),
    ]


def launch(
    binaries: Binaries, place: Place, address: Address, *, server_lock: int, durable: bool
) -> None:
    """Start a server that keeps `server_lock` locked as long as one of its processes lives."""
    _write_conf(place, durable=durable)
    settings = {
        "config_file": place.conf / "postgresql.conf",
        "hba_file": place.conf / "pg_hba.conf",
        "ident_file": place.conf / "pg_ident.conf",
        "log_directory": place.log,
        "unix_socket_directories": address.socket_dir,
        "port": address.port,
    }
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    output = os.open(place.startup_log, flags, 0o600)
    try:
        private_files.give_like_folder(output, place.root)
        place.account.run(
            # A session of its own: Ctrl-C in the terminal is not for the server.
            ["setsid", "--fork", binaries.program("postgres"), "-D", str(place.data)]
            + [word for key, value in settings.items() for word in ("-c", f"{key}={value}")],
            keep=server_lock,
            output=output,
        )
    finally:
        os.close(output)


def running(data: Path) -> Postmaster | None:
    """The live server of this data folder, whoever started it.

    A process is the server only when it works in the folder: the number in `postmaster.pid` may
    meanwhile belong to something else.
    """
    with suppress(OSError, ValueError):
        text = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
        # While the server comes up, the later lines are not written yet.
        lines = text.split("\n") + [""] * 8
        pid = int(lines[0])
        if _is_server(pid, data.stat()):
            address = Address(Path(lines[4]), int(lines[3] or 0))
            return Postmaster(pid, address, lines[7].strip())
    return None


def workers(data: Path) -> list[int]:
    """The live PostgreSQL processes of this data folder, with or without a postmaster."""
    folder = data.stat()
    numbers = (entry.name for entry in os.scandir("/proc") if entry.name.isdecimal())
    return [pid for pid in map(int, numbers) if _is_server(pid, folder)]


def forget_stale(data: Path) -> None:
    """Remove a `postmaster.pid` whose number belongs to another process by now.

    PostgreSQL would take that process for a server and refuse to start. One whose number is free
    is left to PostgreSQL itself.
    """
    path = data / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError):
        pid = int(path.read_text(encoding="utf-8", errors="replace").split("\n")[0])
        if Path("/proc", str(pid)).exists() and not _is_server(pid, data.stat()):
            path.unlink()


def kill_workers(data: Path) -> None:
    """End what a dead server left behind; the next start recovers from the log as after a crash."""
    for pid in workers(data):
        send(pid, signal.SIGKILL)


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def log_sizes(place: Place) -> dict[Path, int]:
    """How long each log file is now, for `last_words`."""
    return {path: path.stat().st_size for path in place.log.glob("*.log")}


def last_words(place: Place, before: Mapping[Path, int]) -> str:
    """Why a server did not come up: the last fatal line that it wrote since `before`."""
    texts = [_tail(place.startup_log, 0)]
    texts += [_tail(path, before.get(path, 0)) for path in sorted(place.log.glob("*.log"))]
    lines = [_LOG_PREFIX.sub("", line) for text in texts for line in text.splitlines() if line]
    telling = [line for line in lines if re.match(r"postgres: |FATAL|PANIC", line)]
    return (telling or lines or ["no word in its log"])[-1]


def _write_conf(place: Place, *, durable: bool) -> None:
    choices = "".join(f"{key} = {'on' if durable else 'off'}\n" for key in _DURABILITY)
    users = "".join(f'{OWNER} "{name}" {OWNER}\n' for name in (place.account.name, "root"))
    texts = {
        "postgresql.conf": _SETTINGS + choices,
        "pg_hba.conf": _RULES,
        "pg_ident.conf": users,
    }
    for name, text in texts.items():
        private_files.write(place.conf / name, text, group=place.account.gid)


def _is_server(pid: int, data: os.stat_result) -> bool:
    # PostgreSQL works in its data folder. A zombie has no working directory, and the name tells
    # a server from a shell that somebody left standing there. Others' processes cannot be read.
    process = Path("/proc", str(pid))
    with suppress(OSError):
        same_folder = os.path.samestat((process / "cwd").stat(), data)
        return same_folder and (process / "comm").read_text(errors="replace") == "postgres\n"
    return False


def _tail(path: Path, start: int) -> str:
    with suppress(OSError), path.open("rb") as file:
        file.seek(max(start, file.seek(0, os.SEEK_END) - 8192))
        return file.read().decode("utf-8", "replace")
    return ""
