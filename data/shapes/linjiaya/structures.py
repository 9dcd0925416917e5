"""Illegal structures with their papers and what became of them, by the steps of the procedure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shapely import Point

from linjiaya import days, duties, records
from linjiaya.lives import Day, written
from linjiaya.plan import LINJIAYA, LUJIAZHUANG
from linjiaya.records import Record
from linjiaya.registers import Rows

# Days from the first look to each step; whoever must be served has been on the same day.
_FILED, _LOOKED, _PLANNED, _DETERMINED, _NOTIFIED = 2, 4, 9, 10, 12
_STATED, _REVIEWED, _DECIDED, _SERVED, _DEADLINE = 18, 22, 24, 25, 40
_REMINDED, _ANNOUNCED = 43, 56
_OFFICERS = "马志远、祁国庆"
_VERIFIER = "宋伟"
_SERVED_HOW = ("direct", "direct", "left", "mail")
_STAGES = (
    "registered", "filed", "investigated", "determined", "notified", "decided", "reminded",
    "announced", "demolished", "closed",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """One structure: where on the sheet, what it was, when it was found, how far it has come.

    `areas` are those of the site record and of its outline, `pieces` what was removed how many
    days after it was found, in square metres.
    """

    number: str
    at: tuple[float, float]
    use: str
    built_of: str
    storeys: int
    areas: tuple[float, float]
    party: str
    found: Day
    stage: str
    way: str = "self"
    pieces: tuple[tuple[int, float], ...] = ()

    def day(self, count: int) -> Day:
        """So many days after it was found; in 2017 a working day."""
        if isinstance(self.found, date):
            return days.on_or_after(self.found + timedelta(days=count))
        return self.found + count

    def has(self, stage: str) -> bool:
        """Whether it has come so far."""
        return _STAGES.index(self.stage) >= _STAGES.index(stage)

    def point(self) -> Point:
        """Where it stands or stood."""
        return records.free_spot(records.on_map(self.at))


def _of_2017(rank: int, month: int, day: int, **more: Any) -> Structure:
    number, found = f"违建-{days.YEAR}-{rank:03d}", date(days.YEAR, month, day)
    return Structure(number=number, found=found, stage="closed", **more)


STRUCTURES: tuple[Structure, ...] = (
    _of_2017(
        1,
        3,
        9,
        at=(1000, 830),
        use="residence",
        built_of="brick_concrete",
        storeys=2,
        areas=(318.5, 316.9),
        party="马德才",
        way="assisted",
        pieces=((34, 118.5), (41, 200.0)),
    ),
    _of_2017(
        2,
        3,
        16,
        at=(1560, 800),
        use="animals",
        built_of="brick_timber",
        storeys=1,
        areas=(86.5, 86.5),
        party="李占海",
        pieces=((31, 86.5),),
    ),
    _of_2017(
        3,
        3,
        28,
        at=(-1330, 330),
        use="storage",
        built_of="steel_shed",
        storeys=1,
        areas=(411.0, 404.2),
        party="西宁顺通仓储部",
        way="assisted",
        pieces=((32, 250.0), (38, 161.0)),
    ),
    _of_2017(
        4,
        4,
        11,
        at=(1180, 590),
        use="residence",
        built_of="brick_concrete",
        storeys=1,
        areas=(127.5, 127.5),
        party="祁永福",
        pieces=((35, 127.5),),
    ),
    _of_2017(
        5,
        4,
        20,
        at=(560, -830),
        use="other",
        built_of="brick_timber",
        storeys=1,
        areas=(64.0, 64.0),
        party="马生林",
        pieces=((29, 64.0),),
    ),
    _of_2017(
        6,
        5,
        4,
        at=(1010, -560),
        use="storage",
        built_of="colour_steel",
        storeys=1,
        areas=(272.5, 275.1),
        party="路建国",
        way="assisted",
        pieces=((36, 272.5),),
    ),
    _of_2017(
        7,
        5,
        17,
        at=(-40, 330),
        use="business",
        built_of="colour_steel",
        storeys=1,
        areas=(200.0, 200.0),
        party="韩尔里",
        pieces=((30, 200.0),),
    ),
)
# Who removed it in time was neither reminded nor announced.
_SPARED = frozenset({"reminded", "announced"})
# Until when it is to be done, by the stage, in days from the first look.
_DUE = {"registered": 3, "investigated": 92, "notified": 92, "decided": _DEADLINE}
# The days between the end of the work, its acceptance, the striking off and the looks back.
_ACCEPTED, _CLOSED, _LOOKED_BACK = 2, 12, (30, 90)


def illegal_structures(known: tuple[Structure, ...] = STRUCTURES) -> list[Record]:
    """The structures; of those of 2017 nothing stands any more."""
    return [_record(each) for each in known]


def _record(each: Structure) -> Record:
    at = each.point()
    field = records.field_at(at)
    done = each.has("demolished")
    properties = {
        "number": each.number,
        **records.assigned(at),
        "address": records.address(at),
        "origin": "patrol",
        "finder": duties.duties()[field.code].deputy,
        "party": each.party,
        "land": "collective" if field.seed.division in {LINJIAYA, LUJIAZHUANG} else "state",
        "temporary": False,
        "being_built": False,
        "use": each.use,
        "structure": each.built_of,
        "storeys": each.storeys,
        "area_measured_m2": each.areas[0],
        "area_computed_m2": each.areas[1],
        "footprint_m2": round(each.areas[1] / each.storeys, 1),
        "found_on": written(each.found),
        "status": each.stage,
        "due": written(each.day(_DUE[each.stage])) if each.stage in _DUE else None,
        "built_on": written(each.day(-1800)),
        "built_precision": "year",
        "height_m": round(3.2 * each.storeys, 1),
        "approval_number": _paper(each, "立案") if each.has("filed") else None,
        "filed_on": _on(each, _FILED, "filed"),
        "officers": _OFFICERS if each.has("filed") else None,
        "determination": "uncorrectable" if each.has("determined") else None,
        "decided_on": _on(each, _DECIDED, "decided"),
        "remove_by": _on(each, _DEADLINE, "decided"),
        "demolished_area_m2": sum(area for _, area in each.pieces) or None,
        "removed_on": written(_ended(each)) if done else None,
        "accepted_by": _VERIFIER if done else None,
        "closed_on": written(_after(each, _CLOSED)) if each.has("closed") else None,
        "looked_30_on": written(_after(each, _LOOKED_BACK[0])) if each.has("closed") else None,
        "looked_90_on": written(_after(each, _LOOKED_BACK[1])) if each.has("closed") else None,
    }
    return Record(at, properties)


def _on(each: Structure, count: int, stage: str) -> str | None:
    return written(each.day(count)) if each.has(stage) else None


def _ended(each: Structure) -> Day:
    return each.day(each.pieces[-1][0])


def _after(each: Structure, count: int) -> Day:
    return each.day(each.pieces[-1][0] + count)


def _paper(each: Structure, kind: str) -> str:
    year = days.YEAR if isinstance(each.found, date) else "现"
    return f"林综执{kind}字〔{year}〕{each.number[-3:]}号"


# --- the steps -----------------------------------------------------------------------------------
# Transition, the stage that it leads to, its day.
_STEPS = (
    ("file", "filed", _FILED), ("investigate", "investigated", _PLANNED),
    ("determine", "determined", _DETERMINED), ("notify", "notified", _NOTIFIED),
    ("decide", "decided", _SERVED), ("remind", "reminded", _REMINDED),
    ("announce", "announced", _ANNOUNCED),
)  # fmt: skip
_LOOKING_BACK = (("look_back_30", 30), ("look_back_90", 90))


def steps(known: tuple[Structure, ...] = STRUCTURES) -> Rows:
    """Every step of the structures."""
    return [row for each in known for row in _steps(each)]


def _steps(each: Structure) -> Iterator[dict[str, Any]]:
    state = "registered"
    for name, target, day, person in _taken(each):
        yield {
            "layer": "illegal_structures",
            "number": each.number,
            "transition": name,
            "source": state,
            "target": target,
            "at": f"{written(day)} 15:00",
            "person": person,
            "reason": None,
            "due_before": None,
            "due_after": None,
        }
        state = target


def _taken(each: Structure) -> Iterator[tuple[str, str, Day, str]]:
    officer = _OFFICERS.split("、", maxsplit=1)[0]
    for name, stage, count in _STEPS:
        if each.has(stage) and not (each.has("demolished") and stage in _SPARED):
            yield name, stage, each.day(count), officer
    if each.has("demolished"):
        yield "demolish", "demolished", _ended(each), officer
        yield "accept", "demolished", _after(each, _ACCEPTED), _VERIFIER
    if each.has("closed"):
        yield "close", "closed", _after(each, _CLOSED), _VERIFIER
        for name, count in _LOOKING_BACK:
            yield name, "closed", _after(each, count), officer


# --- the papers -----------------------------------------------------------------------------------
# Kind, the word in its number, the stage that it belongs to, its day; whether it is served, and
# until when something is to be done.
_PAPERS: tuple[tuple[str, str, str, int, bool, int | None], ...] = (
    ("filing", "立案", "filed", _FILED, False, None),
    ("site_record", "勘验", "investigated", _LOOKED, False, None),
    ("sketch", "测绘", "investigated", _LOOKED, False, None),
    ("planning_opinion", "规认", "investigated", _PLANNED, False, None),
    ("prior_notice", "告知", "notified", _NOTIFIED, True, None),
    ("statement", "陈述", "decided", _STATED, False, None),
    ("legal_review", "法审", "decided", _REVIEWED, False, None),
    ("decision", "限拆", "decided", _DECIDED, True, _DEADLINE),
    ("reminder", "催告", "reminded", _REMINDED, True, None),
    ("announcement", "公告", "announced", _ANNOUNCED, True, None),
)


def structure_documents(known: tuple[Structure, ...] = STRUCTURES) -> Rows:
    """The papers of the structures; who removed it in time was neither reminded nor announced."""
    return [row for each in known for row in _papers(each)]


def _papers(each: Structure) -> Iterator[dict[str, Any]]:
    division = records.field_at(each.point()).seed.division
    for rank, (kind, word, stage, count, served, deadline) in enumerate(_PAPERS):
        if not each.has(stage) or (each.pieces and stage in _SPARED):
            continue
        how = _SERVED_HOW[(rank + int(each.number[-1])) % len(_SERVED_HOW)]
        served_on = each.day(_SERVED if kind == "decision" else count)
        yield {
            "number": _paper(each, word),
            "structure": each.number,
            "kind": kind,
            "dated_on": written(each.day(count)),
            "served_how": how if served else None,
            "served_on": written(served_on) if served else None,
            "recipient": each.party if served else None,
            "deadline": None if deadline is None else written(each.day(deadline)),
            "outcome": None,
            "note": None,
            "division": division,
        }


def demolitions(known: tuple[Structure, ...] = STRUCTURES) -> Rows:
    """What was removed, piece by piece."""
    return [row for each in known for row in _pieces(each)]


def _pieces(each: Structure) -> Iterator[dict[str, Any]]:
    division = records.field_at(each.point()).seed.division
    for rank, (count, area) in enumerate(each.pieces, 1):
        whole = each.has("demolished") and rank == len(each.pieces)
        yield {
            "number": f"拆除-{each.number[3:]}-{rank}",
            "structure": each.number,
            "way": each.way,
            "area_m2": area,
            "done_on": written(each.day(count)),
            "started_at": "09:00",
            "ended_at": "16:30",
            "whole": whole,
            "reason": None,
            "accepted_by": _VERIFIER if whole else None,
            "accepted_on": written(each.day(count + _ACCEPTED)) if whole else None,
            "note": "清运后场地已平整" if whole else None,
            "division": division,
        }
