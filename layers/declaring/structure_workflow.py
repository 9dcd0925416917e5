"""How a case against an illegal structure goes on: from the first look until it is struck off.

What a declaration cannot say of a step is in `layers.structures.case_rules`, by the names in
`checks`; the law's own days are counted in `layers.structures.lawful`.
"""

from layers.declaring.labels import Label
from layers.declaring.papers import Kind
from layers.declaring.people import Role
from layers.declaring.workflow import Again, Clock, Document, Documents, Transition, Workflow

CLOSED = ("closed", "corrected", "terminated")

_OFFICERS = (Role.OFFICER, Role.ADMIN)
_HEADS = (Role.LEADER, Role.ADMIN)
_HANDS = (Role.INSPECTOR, Role.LEADER, Role.OFFICER, Role.ADMIN)
_INQUIRY = ("filed", "investigated", "determined", "notified")
_ORDERED = ("decided", "reminded", "announced", "remedy")
_PROCEDURE = (*_INQUIRY, *_ORDERED, "enforcing")


def _on_record(*kinds: Kind) -> tuple[Document, ...]:
    return tuple(Document(kind.value) for kind in kinds)


def _served(*kinds: Kind) -> tuple[Document, ...]:
    return tuple(Document(kind.value, served=True) for kind in kinds)


_TO_THE_DECISION = (
    Transition(
        name="file",
        label=Label("立案", "File"),
        sources=("registered",),
        target="filed",
        roles=_OFFICERS,
        asks=("approval_number", "officers"),
        may=("party", "land", "temporary", "being_built"),
        photos=("far", "near"),
        documents=_on_record(Kind.FILING),
        checks=("two_officers",),
        stamps=("filed_on",),
        clock=Clock.START,
        limit="decision",
    ),
    Transition(
        name="investigate",
        label=Label("完成调查取证", "Finish the inquiry"),
        sources=("filed",),
        target="investigated",
        roles=_OFFICERS,
        asks=("area_measured_m2",),
        may=("storeys", "height_m", "structure", "use", "footprint_m2", "party", "land"),
        documents=_on_record(Kind.SITE_RECORD, Kind.SKETCH, Kind.PLANNING_OPINION),
        checks=("work_stopped",),
    ),
    Transition(
        name="determine",
        label=Label("认定", "Determine"),
        sources=("investigated",),
        target="determined",
        roles=_OFFICERS,
        asks=("determination", "land"),
        may=("temporary",),
    ),
    Transition(
        name="notify",
        label=Label("事先告知", "Notify"),
        sources=("determined",),
        target="notified",
        roles=_OFFICERS,
        documents=_served(Kind.PRIOR_NOTICE),
        checks=("found_illegal",),
    ),
    Transition(
        name="decide",
        label=Label("作出限期改正（拆除）决定", "Decide"),
        sources=("notified",),
        target="decided",
        roles=_OFFICERS,
        asks=("remove_by",),
        documents=(*_on_record(Kind.LEGAL_REVIEW), *_served(Kind.DECISION)),
        checks=("heard",),
        stamps=("decided_on",),
        clock=Clock.START,
        limit="removal",
    ),
    Transition(
        name="extend",
        label=Label("延长办案期限", "Allow more time"),
        sources=_INQUIRY,
        roles=_HEADS,
        asks=("due",),
        reason=True,
        clock=Clock.EXTEND,
    ),
)
_TO_THE_GROUND = (
    Transition(
        name="remind",
        label=Label("催告", "Remind"),
        sources=("decided",),
        target="reminded",
        roles=_OFFICERS,
        documents=_served(Kind.REMINDER),
        checks=("deadline_over",),
        clock=Clock.START,
        limit="removal",
    ),
    Transition(
        name="announce",
        label=Label("公告", "Announce"),
        sources=("reminded",),
        target="announced",
        roles=_OFFICERS,
        documents=_served(Kind.ANNOUNCEMENT),
        clock=Clock.START,
        limit="removal",
    ),
    Transition(
        name="await_remedies",
        label=Label("进入救济期", "Wait for remedies"),
        sources=("announced",),
        target="remedy",
        roles=_OFFICERS,
        clock=Clock.STOP,
    ),
    Transition(
        name="enforce",
        label=Label("决定并实施强制拆除", "Enforce"),
        sources=("remedy",),
        target="enforcing",
        roles=_OFFICERS,
        asks=("enforce_on", "enforce_from", "enforce_until"),
        documents=(
            *_on_record(Kind.GOVERNMENT_ORDER, Kind.ENFORCEMENT_PLAN),
            *_served(Kind.ENFORCEMENT_DECISION),
        ),
        checks=("forced_demolition",),
        clock=Clock.START,
        limit="enforcement",
    ),
    Transition(
        name="demolish",
        label=Label("自行拆除完毕", "Pulled down by the party"),
        sources=(*_ORDERED, "agreement"),
        target="demolished",
        roles=_HANDS,
        asks=("removed_on",),
        photos=("after",),
        checks=("wholly_demolished",),
        clock=Clock.START,
        limit="acceptance",
    ),
    Transition(
        name="finish",
        label=Label("强制拆除完毕", "Pulled down by force"),
        sources=("enforcing",),
        target="demolished",
        roles=_OFFICERS,
        asks=("removed_on",),
        photos=("after",),
        documents=_on_record(Kind.RECORDING, Kind.INVENTORY, Kind.WITNESS),
        checks=("wholly_demolished",),
        clock=Clock.START,
        limit="acceptance",
    ),
)
_HANDLED = ("file", "investigate", "enforce", "demolish", "finish")
_TO_THE_END = (
    Transition(
        name="accept",
        label=Label("验收", "Accept"),
        sources=("demolished",),
        roles=_HANDS,
        may=("remark",),
        other_than=_HANDLED,
        signs=("accepted_by",),
    ),
    Transition(
        name="reject",
        label=Label("验收不合格", "Not accept"),
        sources=("demolished",),
        target="decided",
        roles=_HANDS,
        reason=True,
        other_than=_HANDLED,
        back=True,
        empties=("removed_on", "accepted_by"),
        rework=True,
        clock=Clock.START,
        limit="removal",
    ),
    Transition(
        name="close",
        label=Label("领导签批，销号", "Strike off"),
        sources=("demolished",),
        target="closed",
        roles=_HEADS,
        may=("remark",),
        other_than=(*_HANDLED, "accept"),
        answers="accept",
        stamps=("closed_on",),
        clock=Clock.STOP,
    ),
    Transition(
        name="look_back_30",
        label=Label("30 日回头看", "Look back after 30 days"),
        sources=("closed",),
        roles=_HANDS,
        may=("remark",),
        checks=("look_back_30",),
        stamps=("looked_30_on",),
    ),
    Transition(
        name="look_back_90",
        label=Label("90 日回头看", "Look back after 90 days"),
        sources=("closed",),
        roles=_HANDS,
        may=("remark",),
        checks=("look_back_90",),
        stamps=("looked_90_on",),
    ),
    Transition(
        name="rebuild",
        label=Label("复建", "Rebuilt"),
        sources=CLOSED,
        target="registered",
        roles=_HANDS,
        reason=True,
        clock=Clock.START,
        again=Again(
            link="previous",
            copies=("address", "field", "leader", "use", "structure", "party", "land"),
        ),
    ),
)
_ASIDE = (
    Transition(
        name="suspend",
        label=Label("中止", "Suspend"),
        sources=_PROCEDURE,
        target="suspended",
        roles=_OFFICERS,
        asks=("review_on",),
        reason=True,
        documents=_on_record(Kind.SUSPENSION),
        clock=Clock.HANG,
    ),
    Transition(
        name="resume",
        label=Label("恢复办理", "Take up again"),
        sources=("suspended",),
        target="filed",
        roles=_OFFICERS,
        reason=True,
        back=True,
        empties=("review_on",),
        clock=Clock.RESUME,
    ),
    Transition(
        name="agree",
        label=Label("达成执行协议", "Agree on how to comply"),
        sources=(*_ORDERED, "enforcing"),
        target="agreement",
        roles=_OFFICERS,
        asks=("remove_by",),
        documents=_on_record(Kind.AGREEMENT),
        clock=Clock.START,
        limit="removal",
    ),
    Transition(
        name="breach",
        label=Label("未履行协议，恢复执行", "Agreement not kept"),
        sources=("agreement",),
        target="decided",
        roles=_OFFICERS,
        reason=True,
        back=True,
        clock=Clock.START,
        limit="removal",
    ),
    Transition(
        name="decide_anew",
        label=Label("重新认定", "Determine anew"),
        sources=(*_ORDERED, "notified", "enforcing"),
        target="investigated",
        roles=_OFFICERS,
        reason=True,
        empties=("determination", "decided_on", "remove_by"),
        rework=True,
        clock=Clock.START,
        limit="decision",
    ),
    Transition(
        name="correct",
        label=Label("补办手续", "Made lawful"),
        sources=("determined", "notified", *_ORDERED),
        target="corrected",
        roles=_OFFICERS,
        documents=_on_record(Kind.PERMIT),
        checks=("correctable",),
        stamps=("ended_on", "closed_on"),
        clock=Clock.STOP,
    ),
    Transition(
        name="dismiss",
        label=Label("不予立案", "Do not file"),
        sources=("registered",),
        target="terminated",
        roles=_OFFICERS,
        reason=True,
        stamps=("ended_on", "closed_on"),
        clock=Clock.STOP,
    ),
    Transition(
        name="terminate",
        label=Label("终结", "Terminate"),
        sources=(*_PROCEDURE, "agreement", "suspended"),
        target="terminated",
        roles=_OFFICERS,
        reason=True,
        documents=_on_record(Kind.TERMINATION),
        stamps=("ended_on", "closed_on"),
        clock=Clock.STOP,
    ),
)

WORKFLOW = Workflow(
    status="status",
    initial="registered",
    closed=CLOSED,
    opened="found_on",
    filed="filed_on",
    closed_on="closed_on",
    due="due",
    review="review_on",
    field="field",
    leader="leader",
    handler="officers",
    previous="previous",
    documents=Documents(
        layer="structure_documents", of="structure", kind="kind", served_on="served_on"
    ),
    transitions=(*_TO_THE_DECISION, *_TO_THE_GROUND, *_TO_THE_END, *_ASIDE),
)
"""城乡规划法 64–68, 行政强制法 34–44: every step, who takes it and what has to be on record."""
