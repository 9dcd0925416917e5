"""What is told to whom: a table over the steps of cases, the levels of lateness, and duties.

A new thing to tell is a line here; nothing else decides about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from layers.declaring.labels import Label


class Kind(StrEnum):
    """What happened; the value is the event's type in webhooks."""

    ASSIGNED = "case.assigned"
    RETURNED = "case.returned"
    EXTENSION_ASKED = "case.extension_asked"
    EXTENDED = "case.extended"
    EXTENSION_REFUSED = "case.extension_refused"
    HUNG = "case.hung"
    RESUMED = "case.resumed"
    TO_VERIFY = "case.to_verify"
    REJECTED = "case.rejected"
    CLEARED = "case.cleared"
    RECURRED = "case.recurred"
    DUE_SOON = "case.due_soon"
    OVERDUE = "case.overdue"
    SUPERVISED = "case.supervised"
    CIRCULATED = "case.circulated"
    SUMMONED = "case.summoned"
    APPOINTED = "duty.begun"
    RELIEVED = "duty.ended"
    PROBE = "webhook.probe"


LABELS: Mapping[Kind, Label] = {
    Kind.ASSIGNED: Label("交办给您", "Assigned to you"),
    Kind.RETURNED: Label("被退回", "Returned"),
    Kind.EXTENSION_ASKED: Label("申请延期，等您决定", "More time is asked for: you decide"),
    Kind.EXTENDED: Label("延期获准", "More time was allowed"),
    Kind.EXTENSION_REFUSED: Label("延期未获准", "More time was refused"),
    Kind.HUNG: Label("已挂账", "Put off"),
    Kind.RESUMED: Label("恢复整改", "Taken up again"),
    Kind.TO_VERIFY: Label("申请销号，等待核查", "Clearance is requested: to be verified"),
    Kind.REJECTED: Label("核查不通过，退回整改", "Not accepted: to be mended"),
    Kind.CLEARED: Label("已销号", "Struck off"),
    Kind.RECURRED: Label("复发", "Came back"),
    Kind.DUE_SOON: Label("即将到期", "Due soon"),
    Kind.OVERDUE: Label("已逾期", "Overdue"),
    Kind.SUPERVISED: Label("督办", "Under supervision"),
    Kind.CIRCULATED: Label("通报", "Circulated as late"),
    Kind.SUMMONED: Label("约谈", "To be called in"),
    Kind.APPOINTED: Label("您有新的任职", "You have a new duty"),
    Kind.RELIEVED: Label("您的任职将结束或已结束", "A duty of yours ends or has ended"),
    Kind.PROBE: Label("测试", "Test"),
}
LATE = frozenset({Kind.DUE_SOON, Kind.OVERDUE, Kind.SUPERVISED, Kind.CIRCULATED, Kind.SUMMONED})
TOLD = tuple(kind for kind in Kind if kind is not Kind.PROBE)
"""What accounts are told of."""
SENT = TOLD
"""What webhooks may ask for; a probe is sent by hand."""


class Whom(StrEnum):
    """Who is meant; of them, those who have an account that reaches over the place."""

    HANDLER = "handler"
    """Who is named as responsible, and who has worked on the case."""
    LEADER = "leader"
    """Who leads the field in which it lies, today."""
    ASSIGNER = "assigner"
    """Who assigned it last."""
    ASKER = "asker"
    """Who asked for more time last."""
    REPORTER = "reporter"
    """Who logged it."""
    OVERSEERS = "overseers"
    """Who oversees the smallest division around it that has somebody who does."""
    DOERS = "doers"
    """Everybody who has taken a step of it."""
    HOLDER = "holder"
    """Whose duty it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """That something is told, and to whom; to `otherwise` where none of these has an account.

    Whoever did it is not told. Where a record `begins` by a step of another one, it is told of the
    new one.
    """

    kind: Kind
    to: tuple[Whom, ...]
    otherwise: tuple[Whom, ...] = ()
    begins: bool = False


_NAMED = (Whom.HANDLER,)
_INSTEAD = (Whom.LEADER, Whom.OVERSEERS)

STEPS: Mapping[tuple[str, str], Telling] = {
    ("sites", "assign"): Telling(kind=Kind.ASSIGNED, to=_NAMED, otherwise=_INSTEAD),
    ("sites", "return"): Telling(
        kind=Kind.RETURNED, to=(Whom.ASSIGNER,), otherwise=(Whom.OVERSEERS,)
    ),
    ("sites", "request_extension"): Telling(kind=Kind.EXTENSION_ASKED, to=(Whom.OVERSEERS,)),
    ("sites", "extend"): Telling(kind=Kind.EXTENDED, to=(Whom.ASKER, Whom.HANDLER)),
    ("sites", "refuse_extension"): Telling(
        kind=Kind.EXTENSION_REFUSED, to=(Whom.ASKER, Whom.HANDLER)
    ),
    ("sites", "hang"): Telling(kind=Kind.HUNG, to=(Whom.HANDLER, Whom.REPORTER)),
    ("sites", "resume"): Telling(kind=Kind.RESUMED, to=_NAMED, otherwise=_INSTEAD),
    ("sites", "request_clearance"): Telling(
        kind=Kind.TO_VERIFY, to=(Whom.ASSIGNER, Whom.LEADER, Whom.OVERSEERS)
    ),
    ("sites", "reject"): Telling(kind=Kind.REJECTED, to=_NAMED, otherwise=_INSTEAD),
    ("sites", "clear"): Telling(kind=Kind.CLEARED, to=(Whom.HANDLER, Whom.REPORTER, Whom.LEADER)),
    ("sites", "recur"): Telling(kind=Kind.RECURRED, to=_INSTEAD, begins=True),
    ("illegal_structures", "extend"): Telling(kind=Kind.EXTENDED, to=(Whom.DOERS,)),
    ("illegal_structures", "suspend"): Telling(kind=Kind.HUNG, to=(Whom.DOERS, Whom.REPORTER)),
    ("illegal_structures", "resume"): Telling(kind=Kind.RESUMED, to=(Whom.DOERS,)),
    ("illegal_structures", "demolish"): Telling(
        kind=Kind.TO_VERIFY, to=(Whom.DOERS, Whom.OVERSEERS)
    ),
    ("illegal_structures", "finish"): Telling(kind=Kind.TO_VERIFY, to=(Whom.DOERS, Whom.OVERSEERS)),
    ("illegal_structures", "reject"): Telling(
        kind=Kind.REJECTED, to=(Whom.DOERS,), otherwise=_INSTEAD
    ),
    ("illegal_structures", "close"): Telling(
        kind=Kind.CLEARED, to=(Whom.DOERS, Whom.REPORTER, Whom.LEADER)
    ),
    ("illegal_structures", "rebuild"): Telling(kind=Kind.RECURRED, to=_INSTEAD, begins=True),
}
"""By layer and transition; steps that are not here are told to nobody."""

LEVELS: Mapping[str, Telling] = {
    "yellow": Telling(kind=Kind.DUE_SOON, to=_NAMED, otherwise=(Whom.LEADER,)),
    "red": Telling(kind=Kind.OVERDUE, to=(Whom.HANDLER, Whom.LEADER), otherwise=(Whom.OVERSEERS,)),
    "supervise": Telling(kind=Kind.SUPERVISED, to=(Whom.HANDLER, Whom.LEADER, Whom.OVERSEERS)),
    "notify": Telling(kind=Kind.CIRCULATED, to=(Whom.HANDLER, Whom.LEADER, Whom.OVERSEERS)),
    "interview": Telling(kind=Kind.SUMMONED, to=(Whom.HANDLER, Whom.LEADER, Whom.OVERSEERS)),
}
"""By the level that an open case has come to (`layers.declaring.escalation`), each told once for a
limit."""

APPOINTED = Telling(kind=Kind.APPOINTED, to=(Whom.HOLDER,))
RELIEVED = Telling(kind=Kind.RELIEVED, to=(Whom.HOLDER,))
"""Of duties: that one begins, and that its end is known."""
