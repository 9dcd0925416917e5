"""Photograph a running demo for the README: `python docs/take_pictures.py http://127.0.0.1:8000`.

Needs Debian's chromium, and with --link one of the sign-in links that `make demo` prints. Every
theme and the portal at a phone's and a desktop's size, light and dark, into a folder (default:
docs/pictures).
"""

import argparse
import shutil
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

SIZES = {"phone": (390, 844, 2), "desktop": (1280, 800, 1)}
PAGES = ("", "overview", "fields", "liaison", "structures", "courtyards")


def main() -> None:
    """Take every picture that --only lets through."""
    parser = argparse.ArgumentParser(description="Photograph a running demo.")
    parser.add_argument("address")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "pictures")
    parser.add_argument("--link", required=True, help="a sign-in link of the demo")
    parser.add_argument("--only", default="", help="a part of the picture's name")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        session = _signed_in(browser, options.link)
        for page, size, scheme in product(PAGES, SIZES, ("light", "dark")):
            name = f"{page or 'portal'}-{size}-{scheme}.png"
            if options.only in name:
                address = f"{options.address}/maps/{page}" if page else options.address
                look = {**_look(size, scheme), "storage_state": session}
                _take(browser, address, look, options.out / name)
                sys.stdout.write(f"{name}\n")


def _signed_in(browser: Browser, link: str) -> object:
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(link)
    tab.click("main form button")
    tab.wait_for_url(lambda address: "/auth/" not in address)
    session = context.storage_state()
    context.close()
    return session


def _look(size: str, scheme: str) -> dict[str, object]:
    width, height, scale = SIZES[size]
    return {
        "viewport": {"width": width, "height": height},
        "device_scale_factor": scale,
        "color_scheme": scheme,
        "is_mobile": size == "phone",
        "has_touch": size == "phone",
        "locale": "zh-CN",
    }


def _take(browser: Browser, address: str, look: dict[str, object], target: Path) -> None:
    context = browser.new_context(**look)
    tab = context.new_page()
    tab.goto(address, wait_until="networkidle")
    tab.wait_for_timeout(400)  # the last labels are drawn after the last tile
    tab.screenshot(path=target)
    context.close()


if __name__ == "__main__":
    main()
