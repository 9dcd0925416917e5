"""Every page in a real Chromium: it asks nobody outside, has no error and no axe violation."""

import pytest

from layers.registry import discover
from tests.browser.axe import looks, violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor

REGISTRY = discover()
LAYER = next(iter(REGISTRY.layers))
PAGES = [
    "/",
    "/?lang=en",
    *(f"/maps/{theme}" for theme in REGISTRY.themes),
    "/maps/overview?lang=en",
    "/here",
    "/collections",
    *(f"/collections/{layer}" for layer in REGISTRY.layers),
    f"/collections/{LAYER}/items",
    f"/collections/{LAYER}/queryables",
    "/collections/grid_fields/items?limit=100",
    "/import",
    "/notices",
    "/notices/choices",
    "/webhooks",
    "/docs",
    "/maps/none",
]


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_in_every_look(demo: Site, visit: Visitor, path: str) -> None:
    """Under the pointer too: it asks only its own address, and neither fails nor hinders."""
    for page in looks(visit, demo, path):
        page.mouse.move(640, 400)
        page.wait_for_timeout(150)
        assert page.title()
        assert violations(page) == []
    assert demo.outside == []
    # Chromium itself reports the 404 of the page that is not there.
    assert [e for e in visit.errors if "404" not in e or path != "/maps/none"] == []


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/maps/overview", "/collections/grid_fields/items"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, {"width": 320, "height": 568}])
def test_no_page_scrolls_sideways(
    demo: Site, visit: Visitor, path: str, size: dict[str, int]
) -> None:
    page = visit(demo, path, size=size)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


@pytest.mark.browser
def test_an_empty_system_says_what_to_do_first(empty: Site, visit: Visitor) -> None:
    page = visit(empty, "/")
    assert (
        "gridfield import" in page.inner_text("body") or page.locator("a[href='/import']").count()
    )
    page = visit(empty, "/maps/fields")
    assert page.locator(".gf-empty").is_visible()
    assert visit.errors == []
