"""Signing in with an OpenID Connect provider: away, and back with a code."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import auth
from api.deps import Application
from api.links import address
from api.oidc import STATE_S, Provider
from api.refusals import NO_SUCH_PAGE
from api.routes.auth import DoorParams, entered
from gis.errors import Problem
from layers.admission import signing_in

router = APIRouter(prefix="/auth/oidc", default_response_class=Response, include_in_schema=False)

_STATE = "gridfield-sign-in"


@router.get("")
def away(request: Request, context: Application, asked: DoorParams) -> Response:
    start = _provider(request, context.provider).start(
        _callback(request), auth.own_path(asked.next)
    )
    response = RedirectResponse(start.address, 303, {"cache-control": "no-store"})
    response.set_cookie(
        auth.own_name(request, _STATE),
        start.state,
        max_age=STATE_S,
        path="/",
        secure=auth.is_secure(request),
        httponly=True,
        samesite="lax",  # it comes back by a link of the provider's
    )
    return response


@router.get("/callback")
def back(request: Request, context: Application) -> Response:
    provider = _provider(request, context.provider)
    name = auth.own_name(request, _STATE)
    answer = dict(request.query_params)
    finish = provider.finish(_callback(request), request.cookies.get(name), answer)
    device = auth.device_of(request)
    secret = signing_in.by_identity(context.database, finish.claims, provider.match, device)
    response = entered(request, context, secret, auth.own_path(finish.next))
    response.delete_cookie(
        name, path="/", secure=auth.is_secure(request), httponly=True, samesite="lax"
    )
    return response


def _callback(request: Request) -> str:
    return address(request, "/auth/oidc/callback")


def _provider(request: Request, provider: Provider | None) -> Provider:
    if provider is None:
        raise Problem(NO_SUCH_PAGE, path=request.url.path)
    return provider
