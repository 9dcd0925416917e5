"""tipg: installed as locked, and served over the tables that we serve."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, create_server

LOCK = Path(__file__).with_suffix(".txt")


def installed(folder: Path) -> Path:
    """The interpreter of an environment with what the lock names; made once for each lock."""
    mark = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    python = folder / f"tipg-{mark}" / "bin" / "python"
    whole = folder / f"tipg-{mark}" / "installed"
    if not whole.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        wanted = ["--require-hashes", "--requirement", str(LOCK)]
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, *wanted], check=True)
        whole.touch()
    return python


@contextmanager
def served(python: Path, url: str) -> Iterator[int]:
    """Its own application under uvicorn; the port."""
    with create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [str(python), "-m", "uvicorn", "tipg.main:app", f"--port={port}", "--log-level=error"],
        env=os.environ | {"DATABASE_URL": url.replace("+psycopg2", "")},
    )
    try:
        _answers(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            sys.exit("tipg did not start")
        try:
            create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("tipg does not answer")
