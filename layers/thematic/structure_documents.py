"""违法建设文书: what was written and served in the procedure against a structure."""

from layers.declaring import papers
from layers.declaring.relations import Parent
from layers.declaring.words import SOURCE, Choice, Field, Geometry, Label, Layer, Type
from layers.thematic.divisions import DIVISION
from layers.thematic.sites import NOTE

LAYER = Layer(
    name="structure_documents",
    label=Label("违建文书", "Structure documents"),
    unit=Label("份", "documents"),
    geometry=Geometry.NONE,
    belongs="division",
    key=("number",),
    title="number",
    parent=Parent(layer="illegal_structures", field="structure", key="number"),
    in_order=(("dated_on", "served_on", "deadline"),),
    checks=("documents_in_order",),
    fields=(
        Field(
            name="number",
            label=Label("文书编号", "Number"),
            required=True,
            aliases=("文号", "编号"),
        ),
        Field(
            name="structure",
            label=Label("违建编号", "Structure"),
            aliases=("违法建设编号", "案件编号"),
        ),
        Field(
            name="kind",
            label=Label("文书种类", "Kind"),
            required=True,
            choices=tuple(Choice(kind.value, label) for kind, label in papers.KIND_LABELS.items()),
            aliases=("种类", "文书名称"),
        ),
        Field(
            name="dated_on",
            label=Label("文书日期", "Dated"),
            type=Type.DATE,
            required=True,
            aliases=("日期", "落款日期"),
        ),
        Field(
            name="served_how",
            label=Label("送达方式", "Served how"),
            choices=tuple(Choice(how.value, label) for how, label in papers.SERVED_LABELS.items()),
        ),
        Field(name="served_on", label=Label("送达日期", "Served on"), type=Type.DATE),
        Field(
            name="recipient",
            label=Label("受送达人", "Recipient"),
            personal=True,
            aliases=("签收人",),
        ),
        Field(
            name="deadline",
            label=Label("限定期限", "Deadline"),
            type=Type.DATE,
            aliases=("期限", "履行期限"),
        ),
        Field(
            name="outcome",
            label=Label("结果", "Outcome"),
            choices=tuple(
                Choice(outcome.value, label) for outcome, label in papers.OUTCOME_LABELS.items()
            ),
        ),
        NOTE,
        DIVISION,
        SOURCE,
    ),
)
