"""What is wrong with pages and their assets."""

from gis.errors import Rule

ASSETS_MISSING = Rule(
    "assets-missing",
    "网页资源 {name} 还没有构建；请运行：make setup",
    "The web asset {name} has not been built; run: make setup",
)
ELEMENT_UNKNOWN = Rule(
    "element-unknown",
    "地图元素 {name} 没有登记，不能放进页面",
    "The map element {name} is not a registered one and cannot be put on a page",
)
