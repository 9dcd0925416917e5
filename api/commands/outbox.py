"""`gridfield import --outbox`: what a phone kept and could not send, from a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from api import outboxes
from api import settings as configuration
from api.outboxes import Outcome, Way
from api.runtime import open_database
from api.settings import Settings
from api.terminal import say, show
from gis.errors import Lang, Problem
from layers.admission import accounts
from layers.alike import near
from layers.declaring.people import Actor
from layers.photos import store as photo_store
from layers.registry import discover
from layers.submissions import outbox_file

_MB = 1_000_000
_HEADING = {"zh": ("行", "记录", "原因"), "en": ("line", "record", "reason")}


def import_outbox(file: Path, login: str) -> None:
    """Take in the outbox of a person; exit 1 when a record is refused or a photo is missing."""
    settings = configuration.load()
    with outbox_file.opened(file) as opened, _way(settings, login) as way:
        outcomes = list(outboxes.take_in(way, opened))
    _show(outcomes, settings.lang)
    if not all(outcome.whole for outcome in outcomes):
        raise typer.Exit(1)


@contextmanager
def _way(settings: Settings, login: str) -> Iterator[Way]:
    with open_database(settings) as database:
        with database.read() as connection:
            account = accounts.get(connection, login)
        registry = discover()
        logged = (layer for layer in registry.layers.values() if layer.logged)
        yield Way(
            database=database,
            registry=registry,
            actor=Actor(
                account.id, None, account.name, account.role, account.division, source="cli"
            ),
            store=photo_store.opened(settings.photo_place),
            reaches={
                layer.name: near.reach(layer, settings.near_m, settings.near_days)
                for layer in logged
            },
            photo_bytes=settings.photo_limit_mb * _MB,
            photo_pixels=settings.photo_pixels,
        )


def _show(outcomes: list[Outcome], lang: Lang) -> None:
    problems = [row for outcome in outcomes for row in _problems(outcome, lang)]
    if problems:
        show(_HEADING[lang], problems)
    new = sum(outcome.new for outcome in outcomes)
    refused = sum(outcome.refused is not None for outcome in outcomes)
    known = len(outcomes) - new - refused
    photos = sum(outcome.photos for outcome in outcomes)
    missing = sum(len(outcome.without) for outcome in outcomes)
    say(
        lang,
        f"{len(outcomes)} 条记录：新收 {new}，已有 {known}，未收 {refused}；"
        f"照片 {photos} 张，缺 {missing} 张",
        f"{len(outcomes)} records: {new} new, {known} here already, {refused} refused; "
        f"{photos} photos, {missing} missing",
    )


def _problems(outcome: Outcome, lang: Lang) -> Iterator[tuple[str, str, str]]:
    refusals = (outcome.refused, *outcome.without)
    for problem in refusals:
        if problem is not None:
            yield str(outcome.number), outcome.title, _reason(problem, lang)


def _reason(problem: Problem, lang: Lang) -> str:
    said = [": ".join(filter(None, (f.place(lang), f.sentence(lang)))) for f in problem.findings]
    return "; ".join((problem.sentence(lang), *said))
