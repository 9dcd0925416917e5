"""Photograph a running demo for the README: `python docs/take_pictures.py http://127.0.0.1:8000
--admin LINK --inspector LINK`.

Needs Debian's chromium and two of the sign-in links that `make demo` prints. Themes, portal, the
ledger, the dashboard, a report, the list of what was logged, a file that is being imported, and the
inspectors' app where somebody stands in the first field, at a phone's and a desktop's size, light
and dark, into a folder (default: docs/pictures). The README shows some of them: --only takes a part
of the name.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

SIZES = {"phone": (360, 740, 2), "desktop": (1280, 800, 1)}
SCHEMES = ("light", "dark")
THEMES = (
    "overview",
    "fields",
    "liaison",
    "structures",
    "courtyards",
    "sites",
    "ledger",
    "markets",
    "shops",
)
# Within 蓝天社区第1网格 of the demo, in front of the buildings.
HERE = {"longitude": 101.81902, "latitude": 36.62326, "accuracy": 8}
_DATA = Path(__file__).parents[1] / "data" / "shapes"
# A phone opens a map from further away than a picture needs.
_CLOSER = "#15/36.6175/101.8190"
_IMPORT_HEIGHT = 1240
_EACH = 5


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: where it is, who looks at it, and what is done before the picture is taken."""

    name: str
    path: str
    who: str = "admin"
    act: Callable[[Page], None] | None = None
    sizes: tuple[str, ...] = tuple(SIZES)


def _bring_a_file(tab: Page) -> None:
    """Points without a word of where their coordinates come from: the page has to ask."""
    features = json.loads((_DATA / "grid_fields.geojson").read_text())["features"]
    lines = ["楼院名称,管理方式,经度,纬度"]
    for n, feature in enumerate(features[::_EACH], start=1):
        lon, lat = _first_position(feature["geometry"]["coordinates"])
        lines.append(f"{n}号院,none,{lon:.6f},{lat:.6f}")
    content = "\n".join(lines).encode()
    tab.select_option("select[name=layer]", "courtyards")
    file: FilePayload = {"name": "楼院台账.csv", "mimeType": "text/csv", "buffer": content}
    tab.set_input_files("#import-file", file)
    tab.click("main form button:not([type=button])")
    tab.set_viewport_size({"width": SIZES["desktop"][0], "height": _IMPORT_HEIGHT})
    tab.wait_for_load_state("networkidle")


def _first_position(coordinates: Any) -> tuple[float, float]:
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    return coordinates[0], coordinates[1]


def _wait_for_a_position(tab: Page) -> None:
    """The app averages its readings for a while."""
    tab.wait_for_timeout(6000)


SHOTS = (
    Shot("portal", "/"),
    *(Shot(theme, f"/maps/{theme}") for theme in THEMES),
    Shot("logged", "/logged"),
    Shot("cases", "/ledger?tab=late"),
    Shot("dashboard", "/dashboard"),
    Shot("report", "/reports/2017"),
    Shot("cadence", "/cadence", sizes=("desktop",)),
    Shot("notices", "/notices", sizes=("phone",)),
    Shot("import", "/import", act=_bring_a_file, sizes=("desktop",)),
    Shot("field", "/field", who="inspector", act=_wait_for_a_position, sizes=("phone",)),
    Shot(
        "field-record",
        "/field#/new/sites",
        who="inspector",
        act=_wait_for_a_position,
        sizes=("phone",),
    ),
    Shot("field-cases", "/field#/cases", who="inspector", sizes=("phone",)),
)


def main() -> None:
    """Take every picture that --only lets through."""
    parser = argparse.ArgumentParser(description="Photograph a running demo.")
    parser.add_argument("address")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "pictures")
    parser.add_argument("--admin", required=True, help="a sign-in link of the demo")
    parser.add_argument("--inspector", required=True, help="another one")
    parser.add_argument("--only", default="", help="a part of the picture's name")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        sessions = {
            "admin": _signed_in(browser, options.admin),
            "inspector": _signed_in(browser, options.inspector),
        }
        for shot, name, look in _wanted(options.only):
            look["storage_state"] = sessions[shot.who]
            _take(browser, options.address, shot, look, options.out / name)
            sys.stdout.write(f"{name}\n")


def _wanted(only: str) -> Iterator[tuple[Shot, str, dict[str, Any]]]:
    for shot in SHOTS:
        for size, scheme in product(shot.sizes, SCHEMES):
            name = f"{shot.name}-{size}-{scheme}.png"
            if only in name:
                yield shot, name, _look(size, scheme)


def _signed_in(browser: Browser, link: str) -> object:
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(link)
    tab.click("main form button")
    tab.wait_for_url(lambda address: "/auth/" not in address)
    session = context.storage_state()
    context.close()
    return session


def _look(size: str, scheme: str) -> dict[str, Any]:
    width, height, scale = SIZES[size]
    return {
        "viewport": {"width": width, "height": height},
        "device_scale_factor": scale,
        "color_scheme": scheme,
        "is_mobile": size == "phone",
        "has_touch": size == "phone",
        "locale": "zh-CN",
        "geolocation": HERE,
        "permissions": ["geolocation"],
    }


def _take(
    browser: Browser, address: str, shot: Shot, look: Mapping[str, Any], target: Path
) -> None:
    context = browser.new_context(**look)
    tab = context.new_page()
    closer = _CLOSER if look["is_mobile"] and shot.path.startswith("/maps/") else ""
    tab.goto(address + shot.path + closer, wait_until="networkidle")
    if shot.act:
        shot.act(tab)
    tab.wait_for_timeout(400)  # the last labels are drawn after the last tile
    tab.screenshot(path=target)
    context.close()


if __name__ == "__main__":
    main()
