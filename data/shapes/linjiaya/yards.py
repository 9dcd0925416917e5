"""The courtyards without property management, and what was done in each."""

from datetime import date

from linjiaya import days, records
from linjiaya.records import Place, Record

# Place, name, owner, built, buildings, households, fire, sanitation, rubbish t, piles.
COURTYARDS: tuple[tuple[Place, str, str, int, int, int, int, int, int, int], ...] = (
    ((-1030, 420), "建材厂家属院", "原西宁建材厂", 1988, 6, 216, 12, 8, 34, 14),
    ((-740, 400), "铁路工程家属院", "原铁路工程段", 1985, 5, 180, 10, 6, 22, 9),
    ((-620, 120), "运输公司家属院", "原汽车运输公司", 1987, 7, 252, 14, 9, 28, 15),
    ((520, 110), "毛纺厂家属院", "原毛纺织厂", 1983, 4, 144, 8, 5, 19, 8),
    ((230, -300), "粮站家属院", "原城东粮站", 1991, 6, 198, 12, 7, 27, 14),
)
# Work, the figure of the courtyard, how much of it, day of the year's work in the first courtyard.
_WORKS: tuple[tuple[str, str, float, tuple[int, int], str], ...] = (
    ("rubbish", "rubbish_cleared_t", 0.6, (3, 6), "铲车装运，清出积存垃圾"),
    ("piles", "piles_cleared", 1.0, (3, 9), "逐户动员，清走楼道和空地杂物"),
    ("rubbish", "rubbish_cleared_t", 0.4, (4, 6), "清理死角余土和枯枝"),
    ("fire", "fire_equipment", 1.0, (4, 24), "配灭火器、消防箱，施划通道标线"),
    ("sanitation", "sanitation_equipment", 1.0, (5, 29), "更换垃圾箱、果皮箱"),
)
_COLUMNS = {
    "rubbish_cleared_t": "rubbish_cleared_t",
    "piles_cleared": "piles_cleared",
    "fire_equipment": "equipment_added",
    "sanitation_equipment": "equipment_added",
}
_BETWEEN_YARDS = 4  # days


def courtyards() -> list[Record]:
    """The courtyards without property management, each between its buildings."""
    found = []
    for place, name, owner, *figures in COURTYARDS:
        built, buildings, households, fire, sanitation, rubbish_t, piles = figures
        properties = {
            "name": name,
            "owner_unit": owner,
            "built": built,
            "buildings": buildings,
            "households": households,
            "management": "none",
            "fire_equipment": fire,
            "sanitation_equipment": sanitation,
            "rubbish_cleared_t": rubbish_t,
            "piles_cleared": piles,
        }
        found.append(Record(records.free_spot(records.on_map(place)), properties))
    return found


def courtyard_works() -> list[Record]:
    """The works in each courtyard, which add up to its figures; all done before the campaign
    ended."""
    found: list[Record] = []
    for rank, yard in enumerate(courtyards()):
        for work, figure, share, (month, day), note in _WORKS:
            first = date(days.YEAR, month, day)
            done = days.on_or_after(date.fromordinal(first.toordinal() + _BETWEEN_YARDS * rank))
            properties = {
                "number": f"楼院整治-{days.YEAR}-{len(found) + 1:03d}",
                "courtyard": yard.properties["name"],
                "work": work,
                **dict.fromkeys(_COLUMNS.values()),
                _COLUMNS[figure]: _part(yard.properties[figure], share),
                "note": note,
                **records.assigned(yard.at),
                "done_on": done.isoformat(),
            }
            found.append(Record(yard.at, properties))
    return found


def _part(whole: int, share: float) -> int:
    """Two parts of a whole add up to it: the larger is rounded down, the smaller up."""
    larger = int(whole * max(share, 1 - share))
    if share == 1:
        return whole
    return larger if share > 1 - share else whole - larger
