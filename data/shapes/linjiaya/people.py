"""How to reach the persons of the duties. Nobody has these numbers: 160 is given to no network."""

from collections.abc import Iterator

from linjiaya import duties, plan
from linjiaya.fields import fields
from linjiaya.records import COMMUNITY_NAMES

COLUMNS = ("name", "division", "unit", "post", "phone")
_POSTS = {
    "leader": "网格长",
    "deputy": "网格员",
    "people_lead": "社区干部",
    "area_lead": "社区干部",
    "task_lead": "社区副书记",
}
_STREET = "林家崖街道办事处"


def people() -> list[tuple[str, ...]]:
    """Everybody once in each division, with the highest post there."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for name, division, *details in _everybody():
        found.setdefault((name, division), (name, division, *details))
    return [(*each, f"160{n:08}") for n, each in enumerate(found.values(), start=1)]


def _everybody() -> Iterator[tuple[str, str, str, str]]:
    for name in dict.fromkeys(duties.LIAISON_LEADERS.values()):
        yield name, plan.STREET_CODE, _STREET, "街道领导"
    for role, post in _POSTS.items():
        for field in fields():
            division = field.seed.division
            name = getattr(duties.duties()[field.code], role)
            yield name, division, COMMUNITY_NAMES[division], post
