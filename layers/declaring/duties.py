"""The roles in which people answer for ground: declared data, from which the rules follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gis.errors import Problem
from layers.declaring.dividing import Level
from layers.declaring.words import Field, Label, Layer
from layers.refusals.duties import UNKNOWN_DUTY_ROLE

# A person is told by the name within these leading digits of a division code.
_DIGITS = {Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12, Level.VILLAGE: 12}
_CODE_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRole:
    """A way to answer for features of some layers.

    At most one person at a time has an `exclusive` role of a feature, and one that is
    `never_vacant` passes from hand to hand. `known_within` is the level of the division within
    which two mentions of one name mean one person.
    """

    name: str
    label: Label
    layers: tuple[str, ...]
    exclusive: bool = False
    never_vacant: bool = False
    known_within: Level = Level.COMMUNITY

    def __post_init__(self) -> None:
        if self.never_vacant and not self.exclusive:
            raise ValueError(f"{self.name}: only what one person has can pass from hand to hand")

    @property
    def ward_divisor(self) -> int:
        """What a division code is divided by, so that the division is left that names it."""
        return int(10 ** (_CODE_DIGITS - _DIGITS[self.known_within]))


_FIELDS = ("grid_fields",)
_ALL = (
    DutyRole(
        name="grid_leader",
        label=Label("网格长", "grid leader"),
        layers=_FIELDS,
        exclusive=True,
        never_vacant=True,
    ),
    DutyRole(name="grid_member", label=Label("网格员", "grid member"), layers=_FIELDS),
    DutyRole(name="grid_guide", label=Label("网格指导员", "grid guide"), layers=_FIELDS),
    DutyRole(name="people_lead", label=Label("包人", "lead for people"), layers=_FIELDS),
    DutyRole(name="area_lead", label=Label("包片", "lead for the area"), layers=_FIELDS),
    DutyRole(name="task_lead", label=Label("包任务", "lead for tasks"), layers=_FIELDS),
    DutyRole(
        name="liaison_leader",
        label=Label("联点领导", "liaison leader"),
        layers=("road_segments", "work_units", "courtyards"),
        known_within=Level.STREET,
    ),
    DutyRole(
        name="road_leader",
        label=Label("路长", "road leader"),
        layers=("road_segments",),
        exclusive=True,
        known_within=Level.STREET,
    ),
    DutyRole(
        name="courtyard_head",
        label=Label("楼院长", "courtyard head"),
        layers=("courtyards",),
        exclusive=True,
    ),
)
ROLES: Mapping[str, DutyRole] = MappingProxyType({role.name: role for role in _ALL})
TARGETS = tuple(dict.fromkeys(layer for role in _ALL for layer in role.layers))
"""The layers whose features somebody may answer for."""


def role_named(name: str) -> DutyRole:
    """The role of that name; Problem(UNKNOWN_DUTY_ROLE) when there is none."""
    if name not in ROLES:
        raise Problem(UNKNOWN_DUTY_ROLE, name=name, known=", ".join(ROLES))
    return ROLES[name]


def shown(layer: Layer) -> tuple[tuple[Field, DutyRole], ...]:
    """The fields of a layer in which names of people with a duty stand, each with the role."""
    return tuple((field, ROLES[field.duty]) for field in layer.fields if field.duty)
