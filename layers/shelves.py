"""Which registers stand together on the portal."""

from collections.abc import Iterator
from dataclasses import dataclass

from layers.declaring.labels import Label
from layers.declaring.words import Layer
from layers.registry import Registry


@dataclass(frozen=True, slots=True)
class Shelf:
    """Registers of one matter."""

    label: Label
    layers: tuple[str, ...]


_SHELVES = (
    Shelf(Label("三会", "Meetings"), ("meetings", "decisions")),
    Shelf(Label("志愿服务", "Volunteers"), ("volunteer_teams", "volunteer_activities")),
    Shelf(Label("宣传与活动", "Publicity and campaigns"), ("publicity", "campaign_days")),
    Shelf(Label("市场与经费", "Markets and funds"), ("market_works", "funds")),
    Shelf(Label("违法建设", "Illegal structures"), ("structure_documents", "demolitions")),
)
_OTHERS = Label("其他", "Others")


def shelved(registry: Registry) -> Iterator[tuple[Label, tuple[Layer, ...]]]:
    """Every register once, by shelf; those that no shelf names come last."""
    left = {layer.name: layer for layer in registry.registers}
    for shelf in _SHELVES:
        found = tuple(left.pop(name) for name in shelf.layers if name in left)
        if found:
            yield shelf.label, found
    if left:
        yield _OTHERS, tuple(left.values())
