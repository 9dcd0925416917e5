"""The documents of a case against a structure, as far as the law counts days from them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from layers.declaring.labels import Label


class Kind(StrEnum):
    """What a document is, in the order of the procedure."""

    FILING = "filing"
    SITE_RECORD = "site_record"
    SKETCH = "sketch"
    PLANNING_OPINION = "planning_opinion"
    STOP_WORK = "stop_work"
    PRIOR_NOTICE = "prior_notice"
    STATEMENT = "statement"
    LEGAL_REVIEW = "legal_review"
    DECISION = "decision"
    REMINDER = "reminder"
    ANNOUNCEMENT = "announcement"
    RECONSIDERATION = "reconsideration"
    RECONSIDERATION_DECISION = "reconsideration_decision"
    SUIT = "suit"
    JUDGMENT = "judgment"
    GOVERNMENT_ORDER = "government_order"
    ENFORCEMENT_DECISION = "enforcement_decision"
    ENFORCEMENT_PLAN = "enforcement_plan"
    RECORDING = "recording"
    INVENTORY = "inventory"
    WITNESS = "witness"
    AGREEMENT = "agreement"
    PERMIT = "permit"
    SUSPENSION = "suspension"
    TERMINATION = "termination"
    OTHER = "other"


KIND_LABELS = {
    Kind.FILING: Label("立案审批表", "Approval to file"),
    Kind.SITE_RECORD: Label("现场勘验笔录", "Site record"),
    Kind.SKETCH: Label("现场平面图", "Sketch of the site"),
    Kind.PLANNING_OPINION: Label("规划认定意见", "Planning opinion"),
    Kind.STOP_WORK: Label("责令停止建设通知书", "Stop-work notice"),
    Kind.PRIOR_NOTICE: Label("事先告知书", "Prior notice"),
    Kind.STATEMENT: Label("陈述申辩或听证笔录", "Statement or hearing record"),
    Kind.LEGAL_REVIEW: Label("法制审核意见", "Legal review"),
    Kind.DECISION: Label("限期改正（拆除）决定书", "Decision with a deadline"),
    Kind.REMINDER: Label("催告书", "Reminder"),
    Kind.ANNOUNCEMENT: Label("限期拆除公告", "Public announcement"),
    Kind.RECONSIDERATION: Label("行政复议受理通知", "Reconsideration applied for"),
    Kind.RECONSIDERATION_DECISION: Label("行政复议决定书", "Reconsideration decision"),
    Kind.SUIT: Label("行政诉讼应诉通知", "Suit filed"),
    Kind.JUDGMENT: Label("裁判文书", "Judgment"),
    Kind.GOVERNMENT_ORDER: Label("政府责成决定", "Government order"),
    Kind.ENFORCEMENT_DECISION: Label("强制拆除决定书", "Decision to enforce"),
    Kind.ENFORCEMENT_PLAN: Label("强制拆除实施方案", "Plan of the enforcement"),
    Kind.RECORDING: Label("全程影像记录", "Recording"),
    Kind.INVENTORY: Label("物品清单", "Inventory"),
    Kind.WITNESS: Label("见证笔录", "Witness record"),
    Kind.AGREEMENT: Label("执行协议", "Enforcement agreement"),
    Kind.PERMIT: Label("补办的规划许可", "Permit granted afterwards"),
    Kind.SUSPENSION: Label("中止执行决定", "Suspension"),
    Kind.TERMINATION: Label("终结执行决定", "Termination"),
    Kind.OTHER: Label("其他", "Other"),
}


class Served(StrEnum):
    """How a document came to whom it concerns."""

    DIRECT = "direct"
    LEFT = "left"
    MAIL = "mail"
    ENTRUSTED = "entrusted"
    FORWARDED = "forwarded"
    ELECTRONIC = "electronic"
    PUBLICATION = "publication"


SERVED_LABELS = {
    Served.DIRECT: Label("直接送达", "In person"),
    Served.LEFT: Label("留置送达", "Left behind"),
    Served.MAIL: Label("邮寄送达", "By mail"),
    Served.ENTRUSTED: Label("委托送达", "By another authority"),
    Served.FORWARDED: Label("转交送达", "Forwarded"),
    Served.ELECTRONIC: Label("电子送达", "Electronically"),
    Served.PUBLICATION: Label("公告送达", "By publication"),
}


class Outcome(StrEnum):
    """What became of a decision that was contested."""

    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    ANNULLED = "annulled"


OUTCOME_LABELS = {
    Outcome.UPHELD: Label("维持或驳回", "Upheld"),
    Outcome.WITHDRAWN: Label("撤回", "Withdrawn"),
    Outcome.CHANGED: Label("变更", "Changed"),
    Outcome.ANNULLED: Label("撤销", "Annulled"),
}
STANDING = frozenset({Outcome.UPHELD, Outcome.WITHDRAWN})
"""After which the decision stands as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document. `served_on` is the day on which it was handed over, left or published;
    `deadline` the day until which it tells the party to act."""

    kind: Kind
    number: str
    dated_on: date
    served_how: Served | None = None
    served_on: date | None = None
    deadline: date | None = None
    outcome: Outcome | None = None


AFTER = {
    Kind.STATEMENT: (Kind.PRIOR_NOTICE,),
    Kind.DECISION: (Kind.PRIOR_NOTICE,),
    Kind.REMINDER: (Kind.DECISION,),
    Kind.ANNOUNCEMENT: (Kind.DECISION, Kind.REMINDER),
    Kind.RECONSIDERATION: (Kind.DECISION,),
    Kind.RECONSIDERATION_DECISION: (Kind.RECONSIDERATION,),
    Kind.SUIT: (Kind.DECISION,),
    Kind.JUDGMENT: (Kind.SUIT,),
    Kind.ENFORCEMENT_DECISION: (Kind.REMINDER, Kind.ANNOUNCEMENT),
}
"""What had to reach the party before a document of a kind was made, where it was made at all."""
