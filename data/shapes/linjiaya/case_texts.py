"""What the cases of the ledger are about: for each matter the words of those who found it, what
was ordered and what was done. Everything is invented."""

from dataclasses import dataclass
from typing import Final, Literal

Limit = Literal["hours", "working_days", "days"]


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter (GB/T 47678.5): `limit` is what its time is counted in, `weight` how often it
    comes; `unit` answers for it, the community where it is empty."""

    code: str
    limit: Limit
    weight: int
    unit: str
    notes: tuple[str, ...]
    measure: str
    progress: str
    months: tuple[int, ...] = tuple(range(1, 13))


_MARSHALS, _CITY = "街道综合执法队", "街道城市管理办公室"
_WARM, _COLD = (4, 5, 6, 7, 8, 9, 10), (1, 2, 11, 12)

MATTERS: Final[tuple[Matter, ...]] = (
    Matter(
        "06010",
        "hours",
        9,
        "",
        (
            "绿化带内有散落垃圾",
            "垃圾箱旁堆放生活垃圾袋",
            "巷口有一堆菜叶和包装袋",
            "河堤边坡有塑料袋和饮料瓶",
        ),
        "安排保洁员清扫并冲洗地面",
        "已清扫，增加一次傍晚保洁",
    ),
    Matter(
        "06036",
        "working_days",
        9,
        "",
        (
            "楼道口堆放旧家具",
            "单元门前堆放纸箱和木板",
            "楼顶平台堆放废旧门窗",
            "车棚内堆放杂物",
            "楼梯间堆放旧沙发",
        ),
        "入户通知业主限期自清，逾期由社区组织清理",
        "业主已自行清走，楼道恢复通畅",
    ),
    Matter(
        "09012",
        "hours",
        6,
        "",
        ("消防通道停放车辆", "消防车登高面堆放花盆", "楼院大门内消防通道堆放沙石"),
        "联系车主挪车，施划禁停标线",
        "通道已腾空，加装禁停标识",
    ),
    Matter(
        "06011",
        "working_days",
        7,
        _CITY,
        ("墙角积存装修垃圾", "空地倾倒建筑渣土约2方", "拆迁围挡外积存碎砖"),
        "协调清运车辆清理，查找倾倒人",
        "已清运，围挡缺口已封",
    ),
    Matter(
        "09006",
        "hours",
        8,
        _MARSHALS,
        ("水果摊占用人行道", "流动烧烤车占道经营", "早点摊桌椅摆上人行道", "三轮车沿街卖菜"),
        "现场劝离，引导到疏导点经营",
        "摊贩已入疏导点",
    ),
    Matter(
        "06013",
        "days",
        6,
        _CITY,
        ("路面破损约2平方米", "窨井周边路面下沉", "人行道地砖松动约20块", "巷道路面坑洼积水"),
        "围挡警示，安排市政养护修补",
        "已修补，路面平整",
    ),
    Matter(
        "06001",
        "working_days",
        4,
        _MARSHALS,
        ("院内新搭彩钢棚", "住户在楼后搭建铁皮小房", "临街商铺加建雨棚"),
        "下发整改通知，限期自行拆除",
        "当事人已自行拆除",
    ),
    Matter(
        "07001",
        "hours",
        7,
        "",
        ("单元门张贴小广告", "电线杆上张贴招租广告", "楼道墙面喷涂开锁广告"),
        "保洁员铲除覆盖，号码移交停机",
        "已清除并粉刷",
    ),
    Matter(
        "09005",
        "hours",
        8,
        _MARSHALS,
        ("店铺货物摆到门外", "饭馆把灶台支到店外", "五金店在门前切割钢材"),
        "责令入店经营，重申门前三包",
        "货物已入店",
    ),
    Matter(
        "06042",
        "hours",
        5,
        _CITY,
        ("垃圾箱满溢", "垃圾清运不及时，桶外堆积", "果皮箱满溢"),
        "调整清运频次，立即清运",
        "已清运并冲洗桶体",
    ),
    Matter(
        "06051",
        "days",
        3,
        _CITY,
        ("盲道砖缺损", "盲道被窨井盖打断"),
        "更换盲道砖，恢复连贯",
        "已更换，验收合格",
    ),
    Matter(
        "06005",
        "working_days",
        4,
        "",
        ("临街阳台堆放杂物", "屋顶堆放废旧太阳能支架"),
        "上门劝导清理，逐户登记",
        "阳台、屋顶已清理",
    ),
    Matter(
        "06017",
        "working_days",
        4,
        _CITY,
        ("绿地内有枯枝和塑料袋", "绿篱缺株，裸土见天"),
        "清理枯枝，补植绿篱",
        "已清理补植",
        _WARM,
    ),
    Matter(
        "09010",
        "hours",
        5,
        "",
        ("共享单车堆满公交站台", "电动车停在盲道上", "楼门前电动车乱停"),
        "规整摆放，联系企业清运",
        "已规整，划设停放区",
    ),
    Matter(
        "09009",
        "hours",
        5,
        _MARSHALS,
        ("面包车停在人行道", "车辆占用公交站停靠", "货车夜间停满巷道"),
        "联系车主驶离，移交交警",
        "车辆已驶离，加装隔离桩",
    ),
    Matter(
        "09020",
        "working_days",
        4,
        "早市管理办公室",
        ("早市摊位溢出划线", "早市收摊后地面油污", "活禽与熟食摊位相邻"),
        "摊位重新划线，收摊后冲洗",
        "摊位已归位，油污已冲洗",
    ),
    Matter(
        "10001",
        "working_days",
        7,
        _CITY,
        ("背阴路段结冰", "人行天桥台阶积雪未扫", "楼院出入口结冰"),
        "撒融雪剂，组织铲冰",
        "积冰已铲除，通行安全",
        _COLD,
    ),
    Matter(
        "06012",
        "working_days",
        5,
        _CITY,
        ("道路积尘较厚", "施工车辆带泥上路", "雨后淤泥未清"),
        "洒水冲洗，机扫保洁",
        "路面已冲洗干净",
    ),
    Matter(
        "06045",
        "working_days",
        3,
        "",
        ("住户在绿地种菜", "草坪上停放车辆"),
        "清除菜地，恢复绿化",
        "已恢复草坪",
        _WARM,
    ),
    Matter(
        "07008",
        "working_days",
        3,
        _CITY,
        ("公益广告牌破损", "文明公约展板褪色"),
        "更换画面，加固支架",
        "已更换新画面",
    ),
    Matter(
        "06050", "days", 3, _CITY, ("路缘石缺损约3米", "路缘石被撞歪斜"), "更换路缘石", "已更换"
    ),
    Matter(
        "08002",
        "working_days",
        3,
        _MARSHALS,
        ("管沟开挖未围挡", "施工材料占用人行道"),
        "补办占道手续，规范围挡",
        "围挡已规范，材料已归拢",
    ),
    Matter(
        "09004",
        "working_days",
        2,
        _MARSHALS,
        ("废品收购点占道打包", "废品站纸箱堆到围墙外"),
        "限期搬入场内，控制堆高",
        "已入场规范堆放",
    ),
    Matter(
        "09001",
        "hours",
        4,
        _MARSHALS,
        ("流动商贩在校门口摆摊", "路口有人兜售活鱼"),
        "劝离并登记，加强放学时段巡查",
        "已劝离",
    ),
)
BY_CODE = {each.code: each for each in MATTERS}

RETURNED: Final = (
    "点位属市政管养范围，不归本单位", "现场位置描述不清，无法找到", "权属为物业公司，请改派",
)  # fmt: skip
EXTENDED: Final = (
    "需采购材料，供货期较长", "连续降雨，无法施工", "当事人外出，约定返回后清理",
    "冬季低温，水泥不能养护", "等待产权单位答复",
)  # fmt: skip
REJECTED: Final = (
    "复查时现场仍有残留", "照片与点位不符，请补拍并复核", "只清理了一半，墙后仍有杂物",
)  # fmt: skip
HUNG: Final = (
    "地下供热管道开春后才能开挖", "产权有争议，法院审理中", "随片区雨污分流工程一并实施",
)  # fmt: skip
