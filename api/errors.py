"""Refusals at the edge: RFC 9457 for programs, a page for people, never a traceback."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from api import pages
from api.context import context_of, lang_of
from api.media import PROBLEM
from api.negotiation import VARY, wants_html
from api.refusals import INTERNAL, NO_SUCH_PAGE, PASSWORD_DUE, SIGN_IN_NEEDED, WRONG_METHOD
from api.statuses import status_of
from gis.errors import Finding, Lang, Problem, Rule
from gis.geojson import to_rfc7946
from gis.refusals.values import BAD_PARAMETER
from layers.refusals.asking import BODY_UNREADABLE
from maps.document import RenderedPage
from maps.page import policy
from maps.pages.beside import Refusal
from maps.pages.beside import problem as problem_page

_RETRY_S = "5"
CHALLENGE = 'Bearer realm="gridfield"'
# Where a person who asks for a page has to go first.
_ELSEWHERE: Mapping[Rule, str] = {
    SIGN_IN_NEEDED: "/auth/sign-in",
    PASSWORD_DUE: "/auth/password",
}


class BodyRefused(HTTPException):
    """A Problem met while the body arrives; FastAPI lets only HTTPExceptions through there."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(status_of(problem.rule))
        self.problem = problem


def install(app: FastAPI) -> None:
    """Make every refusal of the application answer in one shape."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(RequestValidationError)(_validation)
    app.exception_handler(RecursionError)(_too_deep)


def answer(
    request: HTTPConnection, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    """The response to a refusal, in the reader's language and preferred form."""
    status = status_of(problem.rule)
    lang = lang_of(request)
    first = _ELSEWHERE.get(problem.rule)
    if first and request.scope["method"] == "GET" and wants_html(request):
        return _elsewhere(request, first)
    extra = {**told(problem, status), **(headers or {})}
    page = _page(request, problem, status, lang) if wants_html(request) else None
    if page is not None:
        allowed = policy(page.script_hashes)
        return pages.html(request, page.html, status=status, policy=allowed, headers=extra)
    text = json.dumps(members(problem, status, lang), ensure_ascii=False)
    # Half a surrogate pair may come back from a JSON body; it has no UTF-8.
    body = text.encode("utf-8", errors="replace")
    extra |= {"cache-control": "no-store", "content-language": lang}
    return Response(body, status, media_type=PROBLEM, headers=extra)


def told(problem: Problem, status: HTTPStatus) -> dict[str, str]:
    """What a refusal says in headers, for programs that read no words."""
    match status:
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return {"retry-after": _RETRY_S}
        case HTTPStatus.TOO_MANY_REQUESTS:
            return {"retry-after": str(60 * int(str(problem.values.get("minutes", 1))))}
        case HTTPStatus.UNAUTHORIZED:
            return {"www-authenticate": CHALLENGE}
        case _:
            return {}


def _elsewhere(request: HTTPConnection, first: str) -> Response:
    asked = quote(request.scope["path"])
    query = request.scope["query_string"].decode("latin-1")
    target = f"{asked}?{query}" if query else asked
    address = first if target == "/" else f"{first}?{urlencode({'next': target})}"
    return RedirectResponse(address, 303, {"cache-control": "no-store", "vary": VARY})


def members(problem: Problem, status: HTTPStatus, lang: Lang) -> dict[str, Any]:
    """The members of the problem details object; `findings` is our extension (RFC 9457 §3.2)."""
    found: dict[str, Any] = {
        "type": f"/problems/{problem.rule.slug}",
        "title": title(problem.rule, lang),
        "status": status.value,
        "detail": problem.sentence(lang),
    }
    if problem.findings:
        found["findings"] = [finding_members(finding, lang) for finding in problem.findings]
    if problem.suppressed:
        found["suppressed"] = problem.suppressed
    return found


def title(rule: Rule, lang: Lang) -> str:
    """The rule's sentence without its values: the same for every occurrence."""
    return (rule.zh if lang == "zh" else rule.en).format_map(_Blanks())


class _Blank(str):
    """Stands for a value of any type, so that no format is wrong for it."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return str(self)


class _Blanks(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _Blank("…")


def finding_members(finding: Finding, lang: Lang) -> dict[str, Any]:
    """One place and the rule that it breaks, as JSON; the ground that is meant as GeoJSON."""
    found: dict[str, Any] = {
        "row": finding.row,
        "column": finding.column,
        "rule": finding.rule.slug,
        "sentence": finding.sentence(lang),
    }
    if finding.value:
        found["value"] = finding.value
    if suggestion := finding.suggestion(lang):
        found["suggestion"] = suggestion
    if finding.geometry is not None:
        found["geometry"] = to_rfc7946(finding.geometry)
    if "area_m2" in finding.values:
        found["area_m2"] = finding.values["area_m2"]
    return found


def _page(
    request: HTTPConnection, problem: Problem, status: HTTPStatus, lang: Lang
) -> RenderedPage | None:
    refusal = Refusal(
        status=status,
        sentence=problem.sentence(lang),
        findings=problem.findings,
        suppressed=problem.suppressed,
    )
    try:
        registry = context_of(request).registry
        return problem_page(lang, refusal, registry, visit=pages.visit_of(request, told=False))
    except Problem:  # the page's own assets are not built: the JSON form says the rest
        return None


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  registered for this class
    return answer(request, error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class
    return answer(request, _problem_of(request, error), error.headers)


def _problem_of(request: Request, error: HTTPException) -> Problem:
    match error:
        case BodyRefused(problem=problem):
            return problem
        case HTTPException(status_code=404):
            return Problem(NO_SUCH_PAGE, path=request.url.path)
        case HTTPException(status_code=405):
            return Problem(WRONG_METHOD, path=request.url.path, method=request.method)
        case _:
            return Problem(BODY_UNREADABLE, reason=error.detail, reason_zh="格式不对")


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class
    return answer(request, parameter_problem(error.errors()))


async def _too_deep(request: Request, _: Exception) -> Response:
    reason, reason_zh = "it is nested too deeply", "嵌套过深"
    return answer(request, Problem(BODY_UNREADABLE, reason=reason, reason_zh=reason_zh))


def parameter_problem(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The validator's errors as findings of ours, the first of them as the sentence."""
    findings = tuple(_parameter_finding(error) for error in errors)
    problem = Problem(BAD_PARAMETER, findings=findings)
    problem.values.update(findings[0].values)
    return problem


def _parameter_finding(error: Mapping[str, Any]) -> Finding:
    name = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    reason, reason_zh = _reason(error)
    values = {"name": name, "reason": reason, "reason_zh": reason_zh}
    return Finding(BAD_PARAMETER, column=name, values=values)


# The validator's kinds of error that our parameters can meet, in the two languages.
_REASONS: Mapping[str, tuple[str, str]] = {
    "extra_forbidden": ("there is no such parameter", "没有这个参数"),
    "missing": ("it is missing", "缺少"),
    "int_parsing": ("it is no whole number", "应为整数"),
    "int_parsing_size": ("it is too large", "数字过大"),
    "int_from_float": ("it is no whole number", "应为整数"),
    "float_parsing": ("it is no number", "应为数字"),
    "finite_number": ("it is no finite number", "应为有限的数字"),
    "greater_than_equal": ("it is below {ge}", "不能小于 {ge}"),
    "less_than_equal": ("it is above {le}", "不能大于 {le}"),
    "literal_error": ("it is none of {expected}", "应为 {listed} 之一"),
    "bool_parsing": ("it is neither true nor false", "应为 true 或 false"),
    "string_too_long": ("it is longer than {max_length}", "长度不能超过 {max_length}"),
}


def _reason(error: Mapping[str, Any]) -> tuple[str, str]:
    values = {**error.get("ctx", {}), "message": error["msg"]}
    # The validator lists in English: 'a', 'b' or 'c'.
    values["listed"] = str(values.get("expected")).replace(", ", "、").replace(" or ", "、")
    english, chinese = _REASONS.get(error["type"], ("{message}", "不合格式"))
    return english.format_map(values), chinese.format_map(values)


def internal(error_id: str) -> Problem:
    """What a reader is told of a fault of ours."""
    return Problem(INTERNAL, id=error_id)
