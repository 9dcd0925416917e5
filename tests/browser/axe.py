"""What axe-core finds wrong with a page as it stands, in every look that a page has."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor

_FILE = Path(__file__).parents[2] / "maps/web/node_modules/axe-core/axe.min.js"
# What a page does well is many times what it does not: it stays where it is.
_RUN = """async (exclude) => {
  const { violations } = await axe.run({ exclude }, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => [id, target, html, failureSummary]));
}"""
_AT_REST = """() => Promise.all(
  document.getAnimations().filter((each) => each instanceof CSSTransition)
    .map((each) => each.finished.catch(() => null)))"""


@cache
def _source() -> str:
    return _FILE.read_text(encoding="utf-8")


def violations(page: Page, *, exclude: Sequence[str] = ()) -> list[Any]:
    """The rule, the element, its text and what is wrong with it, of each that breaks a rule."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_source())
    found: list[Any] = page.evaluate(_RUN, [[each] for each in exclude])
    return found


def sideways(page: Page) -> int:
    """By how much the page is wider than what it is looked at through."""
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


def darkened(page: Page) -> Page:
    """The same page once the reader's system has turned dark, and all has faded over."""
    page.emulate_media(color_scheme="dark")
    page.evaluate(_AT_REST)
    return page


def looks(
    visit: Visitor, site: Site, path: str, sizes: Sequence[dict[str, int]] = (DESKTOP, PHONE)
) -> Iterator[Page]:
    """The page loaded in each size, light, and then dark as it stands by then."""
    for size in sizes:
        page = visit(site, path, size=size)
        yield page
        yield darkened(page)
