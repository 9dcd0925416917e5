"""Every asset of ours under an address that carries its content's hash, and none of anybody else's.

Folium's classes name CDNs, some at `@latest`. Here each class that we use is mapped to our own
copies; a class that would load anything else is refused.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import folium
from folium import plugins
from folium.elements import JSCSSMixin

from gis.errors import Problem
from maps.refusals import ASSETS_MISSING, ELEMENT_UNKNOWN

PREFIX = "/assets/"
_BUILT = Path(__file__).parent / "web" / "dist"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

# Within a page these would end a script or a style, or make a parser look for a comment's end.
_TAGS_IN_SCRIPT = re.compile(r"<(?=/script|script|!--)", re.IGNORECASE)
_PICTURES = re.compile(r"""url\((?!["']?data:)[^)]*\)""")

Links = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served; its address changes with its content, so it never goes stale."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of ours that stand in for what a Folium class would load from elsewhere."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]


SOURCES: Mapping[type, Sources] = {
    folium.Map: Sources(("leaflet.js",), ("leaflet.css",)),
    plugins.Fullscreen: Sources(("fullscreen.js",), ("fullscreen.css",)),
    plugins.LocateControl: Sources(("locate.js",), ("locate.css",)),
}


def url(name: str) -> str:
    """The address of a built file; Problem(ASSETS_MISSING) when the build does not have it."""
    if name not in _files():
        raise Problem(ASSETS_MISSING, name=name)
    return f"{PREFIX}{version()}/{name}"


def find(path: str) -> Asset | None:
    """The asset at `/assets/{path}`, None when there is none of that name and version."""
    asked, _, name = path.partition("/")
    return _files().get(name) if asked == version() else None


def inlined(address: str) -> str:
    """The text of a script or style as it may stand in a page that has no other files.

    Pictures that a style names by address are left out; `map.css` has its own within it.
    """
    text = _files()[address.rpartition(f"{version()}/")[2]].body.decode()
    text = text.replace("\r\n", "\n")  # as an HTML parser does, whatever the policy's hash says
    if address.endswith(".css"):
        return _PICTURES.sub("none", text).replace("</", "<\\/")
    return _TAGS_IN_SCRIPT.sub(r"\\x3c", text)


def favicon() -> Asset:
    """The mark of the site, for readers that ask for it without having read a page."""
    return built("favicon.svg")


def built(name: str) -> Asset:
    """A built file itself; Problem(ASSETS_MISSING) when the build does not have it."""
    if name not in _files():
        raise Problem(ASSETS_MISSING, name=name)
    return _files()[name]


def localise(element: JSCSSMixin) -> None:
    """Give an element lists of its own with our addresses; Problem(ELEMENT_UNKNOWN) if we cannot.

    The lists on Folium's classes are shared by every map of the process, so they stay untouched.
    """
    if "default_js" not in vars(element):
        sources = _sources(type(element))
        element.default_js = links(*sources.scripts)
        element.default_css = links(*sources.styles)
    for _, address in (*element.default_js, *element.default_css):
        if not address.startswith(PREFIX):
            raise Problem(ELEMENT_UNKNOWN, name=type(element).__name__)


def links(*names: str) -> Links:
    """Built files in the form of Folium's `default_js` and `default_css`, a new list each time."""
    return [(name, url(name)) for name in names]


def _sources(kind: type) -> Sources:
    # Whoever declares the lists last decides what the class loads; a subclass may have added some.
    owner = next(c for c in kind.__mro__ if {"default_js", "default_css"} & vars(c).keys())
    if owner is JSCSSMixin:
        return Sources((), ())
    if owner not in SOURCES:
        raise Problem(ELEMENT_UNKNOWN, name=kind.__name__)
    return SOURCES[owner]


@cache
def _files() -> Mapping[str, Asset]:
    found = sorted(path for path in _BUILT.rglob("*") if path.suffix in _MEDIA_TYPES)
    if not found:
        raise Problem(ASSETS_MISSING, name="maps/web/dist")
    return {
        path.relative_to(_BUILT).as_posix(): Asset(_MEDIA_TYPES[path.suffix], path.read_bytes())
        for path in found
    }


@cache
def version() -> str:
    """The hash of everything built, as the addresses carry it."""
    # One hash for the whole folder, so that styles may name pictures relatively.
    digest = hashlib.sha256()
    for name, asset in _files().items():
        digest.update(f"{name}\0{len(asset.body)}\0".encode() + asset.body)
    return digest.hexdigest()[:8]
