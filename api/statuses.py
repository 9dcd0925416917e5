"""Which HTTP status, and so which exit code, every rule of the catalogue answers with."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import api.refusals
import gis.refusals
import layers.refusals
import maps.refusals
from gis.errors import Rule


def _modules() -> Iterator[ModuleType]:
    """Every module in which rules stand, on whichever floor."""
    for floor in (gis.refusals, layers.refusals):
        for found in iter_modules(floor.__path__, f"{floor.__name__}."):
            yield import_module(found.name)
    yield from (maps.refusals, api.refusals)


CATALOGUE: Mapping[str, Rule] = {
    rule.slug: rule
    for module in _modules()
    for rule in vars(module).values()
    if isinstance(rule, Rule)
}

# A slug, or the family of all slugs that begin so; a slug goes before its family. What is in
# neither speaks of well-formed data that break a rule.
STATUSES: Mapping[str, HTTPStatus] = {
    "bad-parameter": HTTPStatus.BAD_REQUEST,
    "bad-period": HTTPStatus.BAD_REQUEST,
    "body-unreadable": HTTPStatus.BAD_REQUEST,
    "column-unknown": HTTPStatus.BAD_REQUEST,
    "day-to-come": HTTPStatus.BAD_REQUEST,
    "file-format": HTTPStatus.BAD_REQUEST,
    "mapping-file": HTTPStatus.BAD_REQUEST,
    "not-loopback": HTTPStatus.BAD_REQUEST,
    "record-name": HTTPStatus.BAD_REQUEST,
    "setting-wrong": HTTPStatus.BAD_REQUEST,
    "identity-refused": HTTPStatus.UNAUTHORIZED,
    "sign-in-failed": HTTPStatus.UNAUTHORIZED,
    "sign-in-needed": HTTPStatus.UNAUTHORIZED,
    "cross-site": HTTPStatus.FORBIDDEN,
    "forbidden": HTTPStatus.FORBIDDEN,
    "identity-unlinked": HTTPStatus.FORBIDDEN,
    "password-due": HTTPStatus.FORBIDDEN,
    "not-permitted": HTTPStatus.FORBIDDEN,
    "other-account": HTTPStatus.FORBIDDEN,
    "no-such-page": HTTPStatus.NOT_FOUND,
    "patrols-off": HTTPStatus.NOT_FOUND,
    "person-guarded": HTTPStatus.FORBIDDEN,
    "record-elsewhere": HTTPStatus.FORBIDDEN,
    "unknown-": HTTPStatus.NOT_FOUND,
    "wrong-method": HTTPStatus.METHOD_NOT_ALLOWED,
    "body-too-slow": HTTPStatus.REQUEST_TIMEOUT,
    "link-spent": HTTPStatus.GONE,
    "batch-": HTTPStatus.CONFLICT,
    "changed-since": HTTPStatus.CONFLICT,
    "record-other": HTTPStatus.CONFLICT,
    "undo-of-batch": HTTPStatus.CONFLICT,
    "undo-of-step": HTTPStatus.CONFLICT,
    "case-by-transition": HTTPStatus.CONFLICT,
    "case-moved": HTTPStatus.CONFLICT,
    "case-role": HTTPStatus.FORBIDDEN,
    "duty-one-name": HTTPStatus.UNPROCESSABLE_ENTITY,
    "duty-reason": HTTPStatus.UNPROCESSABLE_ENTITY,
    "duty-target": HTTPStatus.UNPROCESSABLE_ENTITY,
    "duty-term": HTTPStatus.UNPROCESSABLE_ENTITY,
    "duty-changed": HTTPStatus.PRECONDITION_FAILED,
    "duty-": HTTPStatus.CONFLICT,
    "last-admin": HTTPStatus.CONFLICT,
    "patrol-differs": HTTPStatus.CONFLICT,
    "same-self": HTTPStatus.UNPROCESSABLE_ENTITY,
    "same-": HTTPStatus.CONFLICT,
    "changed-meanwhile": HTTPStatus.PRECONDITION_FAILED,
    "photo-other": HTTPStatus.CONFLICT,
    "body-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "file-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "body-type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "foreign-host": HTTPStatus.MISDIRECTED_REQUEST,
    "database-refused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "sign-in-locked": HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-streams": HTTPStatus.TOO_MANY_REQUESTS,
    "became-already": HTTPStatus.CONFLICT,
    "becomes-nothing": HTTPStatus.NOT_FOUND,
    "format-needs-places": HTTPStatus.BAD_REQUEST,
    "register-unmapped": HTTPStatus.NOT_FOUND,
    # Faults of ours.
    "element-unknown": HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    # What only the keeper of the machine can mend.
    "assets-missing": HTTPStatus.SERVICE_UNAVAILABLE,
    "backup-": HTTPStatus.SERVICE_UNAVAILABLE,
    "cluster-": HTTPStatus.SERVICE_UNAVAILABLE,
    "database-": HTTPStatus.SERVICE_UNAVAILABLE,
    "demo-missing": HTTPStatus.SERVICE_UNAVAILABLE,
    "photo-lost": HTTPStatus.SERVICE_UNAVAILABLE,
    "photo-place": HTTPStatus.SERVICE_UNAVAILABLE,
    "photo-store": HTTPStatus.SERVICE_UNAVAILABLE,
    "photos-lost": HTTPStatus.SERVICE_UNAVAILABLE,
    # Notices: the rest are 422 or, as unknown-, 404.
    "notice-choice": HTTPStatus.BAD_REQUEST,
    "port-taken": HTTPStatus.SERVICE_UNAVAILABLE,
    "postgres-": HTTPStatus.SERVICE_UNAVAILABLE,
    "provider-": HTTPStatus.SERVICE_UNAVAILABLE,
    "record-again": HTTPStatus.SERVICE_UNAVAILABLE,
}

_WRONG_USE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})


def status_of(rule: Rule) -> HTTPStatus:
    """The status of a refusal by this rule: its own, its family's, else 422."""
    family = f"{rule.slug.partition('-')[0]}-"
    own = STATUSES.get(rule.slug) or STATUSES.get(family)
    return own or HTTPStatus.UNPROCESSABLE_ENTITY


def exit_code(rule: Rule) -> int:
    """2 for a command used wrongly, 1 for refused data and for a machine that is not ready."""
    return 2 if status_of(rule) in _WRONG_USE else 1
