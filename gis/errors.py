"""What can go wrong: a stable slug and a sentence in Chinese and English.

A `Rule` is what was broken, a `Finding` is where, a `Problem` is raised. The rules stand on the
floor that they belong to, in `refusals` of gis, layers, maps and api. Nothing here knows HTTP or
exit codes; the edge (`api.statuses`) gives each slug a status.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # half a second that a command's --help need not wait for
    from shapely.geometry.base import BaseGeometry

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue: what is wrong and, where one can say it, what would mend it.

    All texts are `str.format` templates of ours, never data.
    """

    slug: str
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""

    def sentence(self, lang: Lang, values: Mapping[str, object]) -> str:
        return (self.zh if lang == "zh" else self.en).format_map(_Brief(values))

    def mend(self, lang: Lang, values: Mapping[str, object]) -> str:
        return (self.mend_zh if lang == "zh" else self.mend_en).format_map(_Brief(values))


class _Brief(dict[str, object]):
    """Values cut to a readable length: a hostile megabyte must not travel back in an error."""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        text = str(value)
        return value if len(text) <= 120 else f"{text[:117]}…"


@dataclass(frozen=True, slots=True)
class Finding:
    """One refused value: `row` counts the data rows from 1; `column` is the name in the file.

    `geometry` is the ground that is meant (longitude and latitude, EPSG:4326), where there is one.
    """

    rule: Rule
    row: int | None = None
    column: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    geometry: "BaseGeometry | None" = None

    def sentence(self, lang: Lang = "zh") -> str:
        return self.rule.sentence(lang, self.values)

    def suggestion(self, lang: Lang = "zh") -> str:
        """What would mend it, in words; empty where nobody can say."""
        return self.rule.mend(lang, self.values)

    @property
    def value(self) -> str:
        """The value that was refused, as text; empty where it is not the value that is wrong."""
        return str(_Brief(self.values)["value"]) if "value" in self.values else ""

    def place(self, lang: Lang = "zh") -> str:
        row = (
            "" if self.row is None else (f"第 {self.row} 行" if lang == "zh" else f"row {self.row}")
        )
        return " · ".join(part for part in (row, self.column or "") if part)


class Problem(Exception):
    """A refusal with its rule; `findings` name the places, `suppressed` counts those not listed."""

    def __init__(
        self,
        rule: Rule,
        *,
        findings: Sequence[Finding] = (),
        suppressed: int = 0,
        **values: object,
    ) -> None:
        super().__init__(rule.slug)
        self.rule = rule
        self.values = values
        self.findings = tuple(findings)
        self.suppressed = suppressed

    def sentence(self, lang: Lang = "zh") -> str:
        return self.rule.sentence(lang, self.values)

    def __str__(self) -> str:
        return f"{self.rule.slug}: {self.sentence('en')}"
