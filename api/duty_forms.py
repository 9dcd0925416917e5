"""The forms about duties: what was typed, understood or told what is wrong with it, field by field.

Everything comes as text and is kept as it came, so that a refused form loses nothing.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from pydantic import BaseModel
from sqlalchemy.engine import Connection

from api import days, ids
from gis.errors import Lang, Problem, Rule
from layers.duties import giving as duties
from layers.duties.giving import Target
from layers.duties.persons import Person
from layers.refusals.duties import (
    DUTY_HANDED_ON,
    DUTY_NOT_BEGUN,
    DUTY_ONE_NAME,
    DUTY_OVER,
    DUTY_REASON,
    DUTY_SAME_PERSON,
    DUTY_TAKEN,
    DUTY_TARGET,
    DUTY_TERM,
    DUTY_VACANT,
    PERSON_AMBIGUOUS,
    PERSON_NAME,
    UNKNOWN_DUTY_ROLE,
    UNKNOWN_PERSON,
)
from layers.registry import Registry
from layers.schema.duties import TEXT_LIMIT
from maps.words.wording import words

# Which field a refusal is about; what is about none of them stands above the form.
_FIELDS: Mapping[Rule, str] = MappingProxyType(
    {
        PERSON_AMBIGUOUS: "person",
        PERSON_NAME: "person",
        UNKNOWN_PERSON: "person",
        DUTY_SAME_PERSON: "person",
        DUTY_ONE_NAME: "person",
        DUTY_NOT_BEGUN: "on",
        DUTY_OVER: "on",
        DUTY_TAKEN: "on",
        DUTY_HANDED_ON: "on",
        DUTY_TERM: "until",
        DUTY_REASON: "reason",
        DUTY_TARGET: "role",
        UNKNOWN_DUTY_ROLE: "role",
    }
)


class Typed(BaseModel):
    """What a form sends; an empty text is nothing."""

    layer: str = ""
    feature: str = ""
    role: str = ""
    person: str = ""
    person_id: str = ""
    phone: str = ""
    on: str = ""
    until: str = ""
    document: str = ""
    reason: str = ""
    vacant: str = ""
    if_match: str = ""


class Refused(Exception):
    """A form that cannot be carried out, with the sentence for each field that is wrong."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors.values())
        self.errors = errors


class Understood:
    """A form as values. What is wrong is gathered, so that a reader is told all of it at once."""

    def __init__(self, typed: Typed, lang: Lang) -> None:
        self.typed = typed
        self.said = words("duties", lang)
        self.lang = lang
        self.errors: dict[str, str] = {}

    def text(self, name: str, *, needed: bool = False) -> str | None:
        """One line of text, None for nothing."""
        text = str(getattr(self.typed, name)).strip()
        if needed and not text:
            self.errors[name] = self.said["needed"]
        if len(text) > TEXT_LIMIT or not text.isprintable():
            self.errors[name] = self.said["too_long"].format(limit=TEXT_LIMIT)
        return text or None

    def day(self, name: str, *, needed: bool = False) -> date | None:
        """A day, None for nothing."""
        text = self.text(name, needed=needed)
        try:
            return None if text is None or name in self.errors else days.day(text)
        except Problem as problem:
            reason = problem.values["reason_zh" if self.lang == "zh" else "reason"]
            self.errors[name] = str(reason)
            return None

    def check(self) -> None:
        """Refused when anything is wrong."""
        if self.errors:
            raise Refused(self.errors)


def person(
    connection: Connection, registry: Registry, target: Target, typed: Typed, phone: str | None
) -> int:
    """Whom a form means: the one chosen of several of a name, else whoever the name means."""
    name, chosen = typed.person.strip(), typed.person_id
    if (number := ids.number(chosen)) is not None:
        named = duties.namesakes(connection, registry, target, name)
        if number in [each.id for each in named]:
            return number
    return duties.someone(connection, registry, target, Person(name=name, phone=phone))


def field_of(problem: Problem, *, vacancy: str) -> str | None:
    """Which field a refusal is about, "" for the whole form; None where it is not the form's.

    `vacancy` is the field in which a vacancy would be admitted.
    """
    rule = problem.rule
    if rule is DUTY_VACANT:
        return vacancy
    of_duty = rule.slug.startswith(("duty-", "person-"))
    return _FIELDS.get(rule, "" if of_duty else None)
