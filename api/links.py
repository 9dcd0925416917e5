"""Absolute links, made from the address under which the reader reached us."""

from starlette.requests import Request

from api.media import HTML

Link = dict[str, str]

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
VECTOR_TILES = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
TILING_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
TILING_SCHEMES = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"


def link(request: Request, path: str, rel: str, media_type: str, title: str = "") -> Link:
    """A link to an address of ours; `path` begins with a slash."""
    found = {"href": address(request, path), "rel": rel, "type": media_type}
    return found | {"title": title} if title else found


def address(request: Request, path: str) -> str:
    """The absolute form of an address of ours."""
    return str(request.base_url).rstrip("/") + path


def here(request: Request, **changes: object) -> str:
    """The address of this request with some parameters changed."""
    return str(request.url.include_query_params(**changes))


def self_links(request: Request, media_type: str) -> list[Link]:
    """This resource as it is sent, and as a page for people."""
    return [
        {"href": str(request.url), "rel": "self", "type": media_type},
        {"href": here(request, f="html"), "rel": "alternate", "type": HTML},
    ]
