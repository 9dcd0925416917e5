"""The inspectors' app: its shell, its manifest and its service worker."""

from fastapi import APIRouter, Request, Response

from api import __version__
from api.caching import etag_of, tagged
from api.context import Context
from api.deps import Application, Ctx, needs
from api.media import HTML, answers
from api.parameters import PageParams
from layers.declaring.rights import Right
from maps.pages import field

router = APIRouter(tags=["In the field"], default_response_class=Response)

MANIFEST_TYPE = "application/manifest+json"
SCRIPT_TYPE = "text/javascript"
# Nothing of the district stands in them, and a browser asks for both without a page at hand.
_OPEN = {"cache-control": "public, no-cache"}


@router.get(
    field.ADDRESS,
    summary="现场登记：网格员的应用 · In the field: the inspectors' app",
    responses=answers(HTML),
    dependencies=[needs(Right.LOG)],
)
def field_page(request: Request, context: Ctx, _: PageParams) -> Response:
    headers = {"content-security-policy": field.POLICY}
    return tagged(request, Response(_shell(context), headers=headers, media_type=HTML))


@router.get(
    field.MANIFEST,
    summary="安装到主屏幕的说明 · What makes the app installable (W3C)",
    responses=answers(MANIFEST_TYPE),
)
def field_manifest(request: Request) -> Response:
    return tagged(request, Response(field.manifest(), headers=_OPEN, media_type=MANIFEST_TYPE))


@router.get(
    field.WORKER,
    summary="断网时也能打开应用的脚本 · What opens the app without a network",
    responses=answers(SCRIPT_TYPE),
)
def field_worker(request: Request, context: Application) -> Response:
    script = field.worker(etag_of(_shell(context).encode()))
    # The app's address has no slash at its end, so it lies above the script's own folder.
    headers = {**_OPEN, "service-worker-allowed": field.ADDRESS}
    return tagged(request, Response(script, headers=headers, media_type=SCRIPT_TYPE))


def _shell(context: Context) -> str:
    settings = context.settings
    return field.shell(context.registry, __version__, approval=settings.map_approval)
