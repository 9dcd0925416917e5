"""The inspectors' app: its shell, which is the same for everybody, its manifest and its worker.

Nothing of the district stands in them: who is signed in and what is known of the ground comes as
data, so that a phone may keep the shell for as long as it likes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from layers.registry import Registry
from layers.thematic import grid_fields
from maps import assets, inert, templating
from maps.style import config
from maps.words.wording import words

ADDRESS = "/field"
MANIFEST = f"{ADDRESS}/manifest.webmanifest"
WORKER = f"{ADDRESS}/worker.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

_THEME = "overview"
# What the app is made of; all of it is kept on the phone with the shell.
_KEPT = (
    "field.js",
    "field.css",
    "field-map.js",
    "leaflet.js",
    "leaflet.css",
    "favicon.svg",
    "field-icon-192.png",
)
_ICONS = (
    ("field-icon.svg", "any", "image/svg+xml", "any"),
    ("field-icon-192.png", "192x192", "image/png", "any"),
    ("field-icon-512.png", "512x512", "image/png", "any"),
    ("field-icon-maskable-512.png", "512x512", "image/png", "maskable"),
)
_PLACE_OF_LIST = "self.__WB_MANIFEST"  # where the worker's library expects what to keep
_GROUND = "#f4f2ec"
_ACCENT = "#0f5a4e"


def shell(registry: Registry, version: str, *, approval: str | None = None) -> str:
    """The page itself: a frame that the script fills, and what the script has to know first."""
    told = {
        "map": _map(registry),
        "approval": approval,
        "version": f"{version}+{assets.version()}",  # semantic versioning's build metadata
        "scripts": [assets.url(name) for name in ("leaflet.js", "field-map.js")],
        "styles": [assets.url("leaflet.css")],
        "worker": WORKER,
        "scope": ADDRESS,
    }
    return templating.ENVIRONMENT.get_template("field.html").render(
        said=words("field", "zh"),
        said_en=words("field", "en"),
        manifest=MANIFEST,
        config=Markup(inert.json_for_script(told)),  # noqa: S704  inert by its own making
    )


def manifest() -> str:
    """The web app manifest (W3C), as JSON."""
    said = words("field", "zh")
    return json.dumps(
        {
            "id": ADDRESS,
            "name": said["name"],
            "short_name": said["short_name"],
            "description": said["summary"],
            "lang": "zh-CN",
            "dir": "ltr",
            "start_url": ADDRESS,
            "scope": ADDRESS,
            "display": "standalone",
            "orientation": "portrait",
            "background_color": _GROUND,
            "theme_color": _ACCENT,
            "icons": [
                {"src": assets.url(name), "sizes": sizes, "type": media_type, "purpose": purpose}
                for name, sizes, media_type, purpose in _ICONS
            ],
            "shortcuts": [{"name": said["outbox"], "url": f"{ADDRESS}#/outbox"}],
        },
        ensure_ascii=False,
    )


def worker(revision: str) -> str:
    """The service worker's script with the list of what it keeps; `revision` is the shell's.

    A browser takes a worker of other bytes for a new one, so whatever is built anew comes as an
    update of the whole.
    """
    kept: Sequence[Mapping[str, str | None]] = [
        {"url": ADDRESS, "revision": revision},
        *({"url": assets.url(name), "revision": None} for name in _KEPT),
    ]
    return assets.built("field-worker.js").body.decode().replace(_PLACE_OF_LIST, json.dumps(kept))


def _map(registry: Registry) -> Mapping[str, object]:
    """How the ground and the fields are drawn; which tiles there are, the phone learns as data."""
    known = tuple(name for name in (grid_fields.LAYER.name,) if name in registry.layers)
    theme = replace(registry.theme(_THEME), subjects=known, context=())
    told = config(theme, registry, "zh", None)
    return {key: told[key] for key in ("lang", "theme", "label", "tiles", "items", "layers")}
