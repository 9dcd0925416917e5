"""The generated pages say what the code says."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", ["layers.md", "configuration.md", "errors.md"])
def test_the_page_is_as_the_code_would_write_it(name: str) -> None:
    generated = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    assert (DOCS / name).read_text(encoding="utf-8") == generated[name], (
        "run: python docs/generate.py"
    )


def test_the_readmes_are_short_and_say_how_each_part_starts() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (DOCS.parent / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 150
        for command in ("make demo", "make test", "make check", "gridfield import"):
            assert command in text
