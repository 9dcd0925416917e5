"""Tokens for programs: the OAuth 2.0 password grant, with its own form of refusal (RFC 6749)."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from api import auth, errors
from api.deps import Application
from api.media import JSON, answers
from api.parameters import Params
from api.statuses import status_of
from gis.errors import Problem
from layers.admission import passwords, signing_in
from layers.admission.sessions import LIFETIMES, Kind
from layers.refusals.people import SIGN_IN_FAILED, SIGN_IN_LOCKED

_NOT_TO_BE_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}


class Grant(BaseModel):
    """OAuth 2.0, the password grant (RFC 6749 §4.3.2)."""

    grant_type: Literal["password"] = "password"
    username: str = Field(max_length=passwords.MAXIMUM)
    password: str = Field(max_length=passwords.MAXIMUM)


class _TokenRoute(APIRoute):
    """Answers what is wrong with a grant as OAuth clients read it; the rest stays as it is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _malformed(error)
            except Problem as problem:
                if problem.rule not in (SIGN_IN_FAILED, SIGN_IN_LOCKED):
                    raise
                return _refused(problem)

        return answered


router = APIRouter(prefix="/auth", tags=["Accounts"], route_class=_TokenRoute)


@router.post(
    "/token",
    summary="程序用的令牌 · A bearer token for a program (OAuth 2.0 password grant)",
    responses=answers(JSON) | answers(JSON, status=400),
    response_class=Response,
)
def token(
    request: Request, context: Application, form: Annotated[Grant, Form()], _: Params
) -> Response:
    device = auth.device_of(request)
    secret = signing_in.by_password(
        context.database, form.username, form.password, Kind.BEARER, device
    )
    expires_s = int(LIFETIMES[Kind.BEARER].whole.total_seconds())
    found = {"access_token": secret, "token_type": "bearer", "expires_in": expires_s}
    return JSONResponse(found, headers=_NOT_TO_BE_KEPT)


def _refused(problem: Problem) -> Response:
    """A grant that is none. Behind a lock it may be one later, which only a status can tell."""
    status = status_of(problem.rule)
    if status is not HTTPStatus.TOO_MANY_REQUESTS:
        return _error("invalid_grant", problem)
    return _error("invalid_grant", problem, status, errors.told(problem, status))


def _malformed(error: RequestValidationError) -> Response:
    found = error.errors()
    is_other = any(each["loc"][-1] == "grant_type" for each in found)
    code = "unsupported_grant_type" if is_other else "invalid_request"
    return _error(code, errors.parameter_problem(found))


def _error(
    code: str,
    problem: Problem,
    status: HTTPStatus = HTTPStatus.BAD_REQUEST,
    headers: dict[str, str] | None = None,
) -> Response:
    # §5.2 admits printable ASCII but for the quotation mark and the backslash.
    told = "".join(x for x in problem.sentence("en") if " " <= x <= "~" and x not in '"\\')
    members = {"error": code, "error_description": told}
    return JSONResponse(members, status, headers=_NOT_TO_BE_KEPT | (headers or {}))
