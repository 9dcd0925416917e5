"""The drawing: control points in metres on a straight sheet, later bent to the valley.

Everything here was invented at the drawing board. Street names are names that Xining uses,
the streets themselves, their courses and crossings are not.
"""

from dataclasses import dataclass
from typing import Final, Literal

RoadClass = Literal["main", "secondary", "branch", "lane"]
Points = tuple[tuple[float, float], ...]

ORIGIN: Final = (101.82, 36.62)  # longitude and latitude of the sheet's middle
SEED: Final = 630102007

# The sheet is scaled and bent round a far-off centre in the south, as the valley bends.
SCALE: Final = 0.93
BEND_RADIUS_M: Final = 5400.0
TURN_DEG: Final = -4.0

# Widths of the paved surface, and how far buildings stand back from it.
WIDTH_M: Final[dict[RoadClass, float]] = {"main": 34, "secondary": 24, "branch": 14, "lane": 7}
SETBACK_M: Final[dict[RoadClass, float]] = {"main": 6, "secondary": 4, "branch": 3, "lane": 1.5}


@dataclass(frozen=True)
class Course:
    """One street as drawn; its ends are tied to the streets laid before it when near them."""

    name: str | None
    road_class: RoadClass
    points: Points
    divides: bool = True  # whether fields end at it
    inside: bool = True  # whether it serves the street 林家崖, or only the surroundings


RIVER: Final[Points] = (
    (-3700, -330), (-2900, -180), (-2050, -400), (-1480, -640), (-880, -770), (-250, -700),
    (300, -480), (800, -340), (1230, -410), (1650, -640), (2250, -780), (2900, -700),
    (3700, -860),
)  # fmt: skip
RIVER_HALF_WIDTHS_M: Final = (27.0, 38.0)
STREAM: Final[Points] = (
    (1400, 1640), (1420, 1330), (1370, 1120), (1395, 930), (1320, 760), (1345, 600), (1290, 450),
    (1215, 300), (1235, 120), (1160, -60), (1195, -230), (1150, -395),
)  # fmt: skip

COURSES: Final[tuple[Course, ...]] = (
    # The long streets.
    Course("互助中路", "main", (
        (-3600, 330), (-2700, 300), (-1950, 215), (-1450, 200), (-900, 245), (-280, 225),
        (350, 300), (940, 425), (1500, 445), (2050, 385), (2800, 440), (3600, 400),
    )),
    Course("昆仑东路", "main", (
        (-3600, -1060), (-2700, -1020), (-1550, -1135), (-720, -1150), (-230, -1075), (420, -955),
        (900, -925), (1500, -1010), (2100, -1110), (2800, -1090), (3600, -1180),
    )),
    Course("德令哈路", "main", (
        (-1720, 1600), (-1640, 1250), (-1560, 900), (-1495, 545), (-1450, 200), (-1405, -180),
        (-1450, -520), (-1560, -1135), (-1570, -1560), (-1620, -2100),
    )),
    Course("东川路", "main", (
        (1560, -2100), (1500, -1560), (1480, -1010), (1585, -620), (1520, -200), (1425, 130),
        (1510, 445), (1690, 690), (1745, 980), (1890, 1300), (1960, 1650),
    )),
    Course("祁连路", "secondary", (
        (-3600, 440), (-2700, 470), (-2000, 490), (-1495, 545), (-880, 602), (-690, 555),
        (-240, 500), (170, 545), (330, 655), (520, 720), (800, 745), (1040, 690),
    )),
    Course("建国路", "main", (
        (-240, 500), (-280, 225), (-305, -165), (-250, -440), (-235, -700), (-230, -1075),
        (-285, -1560), (-270, -2100),
    )),
    Course("八一路", "secondary", (
        (-880, 602), (-905, 245), (-950, -185), (-885, -460), (-868, -660),
    )),
    Course("夏都大街", "secondary", (
        (-3600, 10), (-2700, -60), (-2000, -230), (-1405, -180), (-950, -185), (-305, -165),
        (130, -125), (380, -75), (640, -15), (880, 75), (1150, 140), (1425, 130),
    )),
    Course("团结路", "secondary", (
        (330, 655), (355, 300), (378, -75), (450, -270), (490, -345),
    )),
    Course("林家崖路", "secondary", (
        (930, -2100), (900, -1560), (895, -925), (850, -640), (862, -340), (850, -100), (880, 75),
        (935, 425), (1030, 600), (1040, 690), (1120, 820), (1110, 960), (1180, 1130),
        (1170, 1300), (1240, 1600),
    )),
    # Streets of a quarter: the west.
    Course("建材巷", "branch", ((-1160, 576), (-1195, 420), (-1150, 212))),
    Course("站西巷", "branch", ((-585, 533), (-570, 400), (-625, 236))),
    Course("民和路", "branch", ((-1185, 208), (-1150, 60), (-1215, -60), (-1190, -184))),
    Course("康乐巷", "lane", ((-1430, 25), (-1310, 0), (-1172, 20)), divides=False),
    Course("文化街", "branch", ((-922, 60), (-760, 20), (-520, 70), (-295, 45))),
    Course("为民巷", "lane", ((-640, 45), (-612, -60), (-650, -172)), divides=False),
    Course("南川巷", "branch", ((-1195, -184), (-1150, -330), (-1180, -470), (-1165, -690))),
    Course("湟滨路", "branch", ((-915, -400), (-740, -372), (-480, -330), (-268, -345))),
    Course("水井巷", "branch", ((-590, -350), (-560, -500), (-585, -725))),
    # The middle.
    Course("站东巷", "branch", ((55, 520), (30, 400), (70, 268))),
    Course("开元路", "branch", ((345, 480), (520, 470), (720, 540), (985, 520))),
    Course("育才巷", "lane", ((640, 508), (610, 620), (640, 735))),
    Course("纺织巷", "branch", ((10, 258), (25, 90), (-15, 0), (20, -138))),
    Course("花园巷", "lane", ((-292, 30), (-150, 48), (15, 45))),
    Course("建新路", "branch", ((480, 328), (590, 180), (800, 45))),
    Course("兴旺街", "branch", ((60, -132), (75, -260), (125, -370), (150, -445))),
    Course("昌平巷", "lane", ((-260, -390), (-90, -350), (90, -330))),
    Course("富民巷", "branch", ((650, -12), (690, -110), (655, -200), (668, -290)), divides=False),
    # The east and the two villages.
    Course("崖头路", "branch", ((1040, 690), (1190, 650), (1330, 700), (1480, 660), (1680, 680))),
    Course("林家崖南巷", "branch", (
        (1010, 560), (1180, 540), (1330, 560), (1560, 520),
    ), divides=False),
    Course("柳湾路", "branch", ((1185, -130), (1330, -160), (1510, -170))),
    Course("南沟巷", "lane", ((856, -190), (1000, -160), (1170, -140)), divides=False),
    Course("路家庄路", "branch", (
        (-232, -880), (60, -800), (330, -720), (600, -700), (855, -660), (1150, -720),
        (1370, -700), (1575, -720),
    )),
    Course("路家庄东街", "branch", ((350, -548), (368, -620), (330, -720), (395, -957))),
    Course("上庄巷", "lane", ((612, -478), (585, -570), (600, -700)), divides=False),
    Course("下庄巷", "branch", ((1180, -478), (1165, -580), (1205, -715))),
    # The surroundings, so that the map does not end like a cut-out.
    Course("湟源路", "secondary", (
        (-2060, 1400), (-2010, 1000), (-1985, 490), (-1960, 215), (-2010, -230), (-2040, -380),
        (-2070, -1080), (-2050, -1500), (-2110, -2000),
    ), inside=False),
    Course("金桥路", "secondary", (
        (2010, -2000), (2060, -1500), (2090, -1110), (2110, -745), (2040, -200), (2045, 385),
        (2180, 760), (2220, 1200), (2300, 1500),
    ), inside=False),
    Course("凤凰山路", "secondary", (
        (-3600, -1380), (-1570, -1440), (-270, -1400), (900, -1330), (1490, -1380), (2800, -1460),
        (3600, -1500),
    ), inside=False),
    Course("民乐路", "branch", ((-2740, 467), (-2700, 290), (-2760, -55)), inside=False),
    Course("付家寨路", "secondary", (
        (2700, -1700), (2740, -1095), (2780, -715), (2760, 20), (2790, 440), (2900, 1000),
    ), inside=False),
    Course("青藏花园路", "branch", ((1440, 50), (1750, 90), (2040, 110)), inside=False),
    Course("湟乐路", "branch", ((1530, -250), (1800, -280), (2035, -240)), inside=False),
    Course("富强巷", "branch", ((-900, -1150), (-920, -1420)), inside=False),
    Course("南小街", "branch", ((330, -970), (350, -1200), (330, -1365)), inside=False),
    Course("小峡街", "branch", ((-1975, 20), (-1700, -10), (-1430, 15)), inside=False),
    Course("杨沟湾路", "branch", ((1510, 445), (1800, 600), (2130, 640)), inside=False),
)  # fmt: skip

# The roads along the banks keep this distance from the middle of the river.
BANK_ROADS: Final = (
    ("滨河北路", 78.0, (-3400.0, 3400.0)),
    ("滨河南路", -72.0, (-3400.0, 3400.0)),
)
# Borders that follow no street: the railway beside the station, the foot of the cliff, the
# middle of the river, and the strips between a street's end and the river.
RAILWAY: Final[Points] = (
    (-640, 545), (-585, 622), (-430, 664), (-150, 684), (110, 690), (270, 700), (345, 665),
)  # fmt: skip
CLIFF: Final[Points] = (
    (800, 745), (850, 850), (935, 905), (1010, 890), (1115, 960), (1240, 930), (1385, 985),
    (1480, 940), (1590, 985), (1735, 930),
)  # fmt: skip


Use = Literal["slabs", "towers", "halls", "village", "school", "hospital", "market", "station"]
LANTIAN, ZHANXI, LINJIAYA, LUJIAZHUANG = (
    "630102007001",
    "630102007004",
    "630102007202",
    "630102007203",
)
STREET_CODE: Final = "630102007000"


@dataclass(frozen=True)
class Seed:
    """A point of the sheet that marks a field, and what stands on it."""

    at: tuple[float, float]
    division: str
    use: Use
    title: str | None = None  # the institution whose own field this is


SEEDS: Final[tuple[Seed, ...]] = (
    Seed((-1333, 396), ZHANXI, "halls"),
    Seed((-1043, 412), ZHANXI, "slabs"),
    Seed((-730, 420), ZHANXI, "slabs"),
    Seed((-416, 377), ZHANXI, "towers"),
    Seed((-280, 587), ZHANXI, "station", "站前广场"),
    Seed((-1295, 100), ZHANXI, "slabs"),
    Seed((-1048, 28), ZHANXI, "slabs"),
    Seed((-604, 136), ZHANXI, "slabs"),
    Seed((-458, -57), ZHANXI, "slabs"),
    Seed((-1306, -444), ZHANXI, "halls"),
    Seed((-1031, -469), ZHANXI, "towers"),
    Seed((-720, -554), ZHANXI, "slabs"),
    Seed((-608, -285), ZHANXI, "slabs"),
    Seed((-401, -538), ZHANXI, "towers"),
    Seed((-113, 373), LANTIAN, "slabs"),
    Seed((190, 450), LANTIAN, "slabs"),
    Seed((472, 607), LANTIAN, "school", "林家崖学校"),
    Seed((632, 421), LANTIAN, "slabs"),
    Seed((822, 627), LANTIAN, "slabs"),
    Seed((-155, -62), LANTIAN, "slabs"),
    Seed((-132, 130), LANTIAN, "market", "农贸市场"),
    Seed((192, 77), LANTIAN, "towers"),
    Seed((518, 118), LANTIAN, "slabs"),
    Seed((721, 234), LANTIAN, "towers"),
    Seed((-110, -260), LANTIAN, "hospital", "湟水医院"),
    Seed((-40, -504), LANTIAN, "slabs"),
    Seed((273, -301), LANTIAN, "slabs"),
    Seed((545, -207), LANTIAN, "towers"),
    Seed((977, 825), LINJIAYA, "village"),
    Seed((1189, 620), LINJIAYA, "village"),
    Seed((1230, 816), LINJIAYA, "village"),
    Seed((1550, 820), LINJIAYA, "village"),
    Seed((1058, 268), LINJIAYA, "slabs"),
    Seed((1331, 288), LINJIAYA, "slabs"),
    Seed((1460, 590), LINJIAYA, "village"),
    Seed((1014, -26), LINJIAYA, "slabs"),
    Seed((1315, -15), LINJIAYA, "halls"),
    Seed((87, -674), LUJIAZHUANG, "village"),
    Seed((470, -553), LUJIAZHUANG, "village"),
    Seed((1010, -538), LUJIAZHUANG, "village"),
    Seed((1334, -561), LUJIAZHUANG, "village"),
    Seed((74, -898), LUJIAZHUANG, "slabs"),
    Seed((608, -793), LUJIAZHUANG, "village"),
    Seed((1100, -830), LUJIAZHUANG, "halls"),
)
