"""The ledger of the year: some twenty cases a month with their whole lives, all struck off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any

import numpy as np
from shapely import Point

from linjiaya import case_texts, days, duties, meetings, plan, records
from linjiaya.case_texts import Matter
from linjiaya.fields import Field, fields
from linjiaya.lives import Extended, Hung, Life, People, written
from linjiaya.records import COMMUNITY_NAMES, Record
from linjiaya.registers import Rows

_A_MONTH = (14, 15, 22, 24, 26, 24, 22, 17, 18, 16, 17, 14)
_ORIGINS = ("patrol", "patrol", "patrol", "own_check", "own_check", "hotline", "supervision")
# Of a hundred cases: late, sent back to who ordered it, put off, work sent back.
_SHARES = {"late": 11, "returned": 5, "extended": 5, "rejected": 5}
_HUNG = ((1, "06013"), (5, "08002"), (9, "06013"))  # the month, and of which matter
_SCENES = 12
_RECURRING, _COMING_BACK = 6, frozenset({"09005", "09006", "06036", "07001"})


@dataclass(frozen=True, slots=True)
class Case:
    """One case: where, what, and its life."""

    at: Point
    matter: Matter
    note: str
    origin: str
    life: Life
    measure: str
    progress: str
    unit: str
    meeting: str | None = None
    previous: "Case | None" = None


@cache
def cases() -> Mapping[str, Case]:
    """All cases of the year by number, in the order in which they were found."""
    rng = np.random.default_rng([plan.SEED, days.YEAR])
    found = [*_ordinary(rng), *_from_meetings()]
    found += _come_back(found)
    found.sort(key=lambda case: str(case.life.found))
    return {f"巡查-{days.YEAR}-{rank:03d}": case for rank, case in enumerate(found, 1)}


def sites() -> list[Record]:
    """The cases as records."""
    numbers = {id(case): number for number, case in cases().items()}
    orders = count(1)
    return [
        Record(case.at, properties(case, number, numbers, f"林创办交字〔2017〕{next(orders)}号"))
        for number, case in cases().items()
    ]


def steps() -> Rows:
    """Every step of every case."""
    return steps_of("sites", cases())


def steps_of(layer: str, known: Mapping[str, Case]) -> Rows:
    """The steps of some cases of a layer, each with the number of its case."""
    return [
        {"layer": layer, "number": number, **step}
        for number, case in known.items()
        for step in case.life.steps()
    ]


def photos() -> Rows:
    """Pictures of what meetings had ordered, before and after the work."""
    return photos_of("sites", {n: case for n, case in cases().items() if case.meeting})


def photos_of(layer: str, known: Mapping[str, Case]) -> Rows:
    """Which pictures show some cases of a layer: before the work once it has begun, and after it
    once it is done. A scene has both."""
    found = []
    for scene, (number, case) in enumerate(known.items()):
        done = ("before", case.life.accepted), ("after", case.life.done)
        for role, day in done:
            if day is not None:
                taken = f"{written(day)} {'10:50' if role == 'before' else '16:10'}"
                row = {"layer": layer, "number": number, "role": role, "scene": scene % _SCENES}
                found.append({**row, "taken_at": taken})
    return found


def settled() -> dict[str, tuple[str, str]]:
    """By the number of a decision, the case that it became and when that was struck off."""
    return {
        case.meeting: (number, str(case.life.cleared))
        for number, case in cases().items()
        if case.meeting is not None
    }


def properties(
    case: Case, number: str, numbers: Mapping[int, str], order: str | None
) -> dict[str, Any]:
    """What stands in the ledger of a case."""
    life = case.life
    begun, finished = life.accepted is not None, life.done is not None
    state = life.state
    return {
        "number": number,
        "matter": case.matter.code,
        "note": case.note,
        "address": records.address(case.at),
        "origin": case.origin,
        "status": state,
        **records.assigned(case.at),
        "found_on": written(life.found),
        "unit": case.unit if life.assigned is not None else None,
        "handler": life.people.handler if life.assigned is not None else None,
        "liaison": life.people.liaison if life.assigned is not None else None,
        "order_number": order if life.assigned is not None else None,
        "assigned_on": _or_none(life.reassigned or life.assigned),
        "due": written(life.last_due),
        "extension_to": None,
        "review_on": _or_none(life.hung.review) if life.hung and state == "hung" else None,
        "measure": case.measure if begun else None,
        "progress": case.progress if finished else None,
        "done_on": _or_none(life.done),
        "verifier": life.people.verifier if life.cleared is not None else None,
        "cleared_on": _or_none(life.cleared),
        "previous": numbers[id(case.previous)] if case.previous else None,
        "meeting": case.meeting,
        "remark": f"曾挂账：{life.hung.reason}" if life.hung and life.hung.resumed else None,
    }


def _or_none(day: date | int | None) -> str | None:
    return None if day is None else written(day)


def people(field: Field) -> People:
    """Who has to do with a field's cases."""
    duty = duties.duties()[field.code]
    liaison = duties.LIAISON_LEADERS[field.seed.division]
    return People(duty.leader, duty.deputy, duty.people_lead, liaison)


def spot(field: Field, rng: np.random.Generator) -> Point:
    """Free ground somewhere on a field."""
    west, south, east, north = field.shape.bounds
    for _ in range(60):
        at = Point(float(rng.uniform(west, east)), float(rng.uniform(south, north)))
        if field.shape.contains(at) and field.shape.contains(found := records.free_spot(at)):
            return found
    return records.free_spot(field.shape.representative_point())


def unit(matter: Matter, field: Field) -> str:
    """Who answers for a matter on a field."""
    name = COMMUNITY_NAMES[field.seed.division]
    return matter.unit or f"{name}{'委会' if name.endswith('村') else '居委会'}"


# --- what was come upon ---------------------------------------------------------------------------
def _ordinary(rng: np.random.Generator) -> Iterator[Case]:
    """Month by month, on fields and of matters as chance will have it."""
    kinds = _kinds(rng)
    for month, wanted in zip(days.months(), _A_MONTH, strict=True):
        hung = dict(_HUNG).get(month.month)
        for rank in range(wanted):
            matter = case_texts.BY_CODE[hung] if hung and rank == 0 else _matter(month, rng)
            field = fields()[int(rng.integers(len(fields())))]
            found = days.on_or_after(month + timedelta(days=int(rng.integers(0, 27))))
            if found > date(days.YEAR, 12, 15):
                found = days.on_or_before(date(days.YEAR, 12, 15))
            kind = "hung" if hung and rank == 0 else next(kinds)
            yield Case(
                at=spot(field, rng),
                matter=matter,
                note=str(rng.choice(matter.notes)),
                origin=_ORIGINS[int(rng.integers(len(_ORIGINS)))],
                life=_LIVES[kind](people(field), matter, found, rng),
                measure=matter.measure,
                progress=matter.progress,
                unit=unit(matter, field),
            )


def _kinds(rng: np.random.Generator) -> Iterator[str]:
    """What becomes of the cases: of each hundred as many as their share is, in a random order."""
    plain = 100 - sum(_SHARES.values())
    pack = [kind for kind, share in {**_SHARES, "plain": plain}.items() for _ in range(share)]
    while True:
        yield from (pack[n] for n in rng.permutation(len(pack)))


def _matter(month: date, rng: np.random.Generator) -> Matter:
    known = [each for each in case_texts.MATTERS if month.month in each.months]
    weights = np.array([each.weight for each in known], dtype=float)
    return known[int(rng.choice(len(known), p=weights / weights.sum()))]


def _due(matter: Matter, found: date) -> date:
    if matter.limit == "hours":
        return found
    if matter.limit == "working_days":
        return days.after(found, 3)
    return days.on_or_after(found + timedelta(days=7))


def _plain(people: People, matter: Matter, found: date, rng: np.random.Generator) -> Life:
    """Done and struck off within the limit."""
    due = _due(matter, found)
    done = found if due == found else days.after(found, int(rng.integers(1, 3)))
    cleared = min(days.after(done, int(rng.integers(0, 2))), max(due, done))
    return Life(
        people=people,
        found=found,
        due=due,
        assigned=found,
        accepted=found,
        done=done,
        verifying=cleared,
        cleared=cleared,
    )


def _late(people: People, matter: Matter, found: date, rng: np.random.Generator) -> Life:
    life = _plain(people, matter, found, rng)
    done = days.after(_due(matter, found), int(rng.integers(1, 6)))
    cleared = days.after(done, int(rng.integers(0, 2)))
    return replace(life, done=done, verifying=cleared, cleared=cleared)


def _returned(people: People, matter: Matter, found: date, rng: np.random.Generator) -> Life:
    """Not theirs: ordered anew on the next day, which a limit of hours does not survive."""
    life = _plain(people, matter, found, rng)
    reason = str(rng.choice(case_texts.RETURNED))
    again = days.after(found, 1)
    last = max(days.after(again, 1), days.after(found, 2))
    return replace(
        life,
        returned=(found, reason),
        reassigned=again,
        accepted=again,
        done=last,
        verifying=last,
        cleared=last,
    )


def _extended(people: People, matter: Matter, found: date, rng: np.random.Generator) -> Life:
    life = _plain(people, matter, found, rng)
    until = days.after(_due(matter, found), int(rng.integers(3, 6)))
    put_off = Extended(found, until, str(rng.choice(case_texts.EXTENDED)))
    return replace(life, extended=put_off, done=until, verifying=until, cleared=until)


def _rejected(people: People, matter: Matter, found: date, rng: np.random.Generator) -> Life:
    life = _plain(people, matter, found, rng)
    first = days.after(found, 1)
    last = days.after(first, 1)
    rejected = (first, str(rng.choice(case_texts.REJECTED)))
    return replace(life, rejected=rejected, done=last, verifying=last, cleared=last)


def _hung(people: People, matter: Matter, found: date, rng: np.random.Generator) -> Life:
    """Not to be solved now: looked at again two months later, and solved then."""
    life = _plain(people, matter, found, rng)
    hung, review = days.after(found, 2), days.on_or_after(found + timedelta(days=60))
    due = days.after(review, 5)
    reason = case_texts.HUNG[found.month % len(case_texts.HUNG)]
    done = days.after(review, 4)
    return replace(
        life,
        hung=Hung(hung, review, reason, review, due),
        done=done,
        verifying=done,
        cleared=due,
    )


_LIVES = {
    "plain": _plain,
    "late": _late,
    "returned": _returned,
    "extended": _extended,
    "rejected": _rejected,
    "hung": _hung,
}


# --- what meetings decided, and what came back ----------------------------------------------------
def _from_meetings() -> Iterator[Case]:
    for number, decision in meetings.decided().items():
        if decision.case is None or decision.at is None:
            continue
        code, note, measure = decision.case
        matter = case_texts.BY_CODE[code]
        at = records.free_spot(records.on_map(decision.at))
        field = records.field_at(at)
        found, due = meetings.meeting_of(decision).day, meetings.due(decision)
        done = days.on_or_before(due - timedelta(days=2))
        life = Life(
            people=people(field),
            found=found,
            due=due,
            assigned=found,
            accepted=days.after(found, 1),
            done=done,
            verifying=due,
            cleared=due,
        )
        done_text = f"{matter.progress}，已向会议报告"
        yield Case(at, matter, note, "meeting", life, measure, done_text, decision.unit, number)


def _come_back(found: list[Case]) -> list[Case]:
    """A few that were struck off were found again at the same spot some weeks later; in `found`
    they are told so."""
    chosen = [n for n, case in enumerate(found) if case.matter.code in _COMING_BACK]
    again = []
    for n in chosen[:: len(chosen) // _RECURRING][:_RECURRING]:
        case = found[n]
        cleared = date.fromisoformat(str(case.life.cleared))
        day = days.on_or_after(cleared + timedelta(days=24))
        found[n] = former = replace(case, life=replace(case.life, recurred=day))
        due = _due(case.matter, day)
        last = days.after(day, 1)
        life = Life(
            people=case.life.people,
            found=day,
            due=max(due, last),
            assigned=day,
            accepted=day,
            done=last,
            verifying=last,
            cleared=last,
        )
        again.append(replace(former, life=life, origin="supervision", previous=former))
    return again
