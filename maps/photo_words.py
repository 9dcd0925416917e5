"""What pages say of photographs."""

from collections.abc import Mapping

from layers.declare import Label

ROLES: Mapping[str, Label] = {
    "far": Label("全景", "From afar"),
    "near": Label("近景", "Close up"),
    "before": Label("整改前", "Before"),
    "after": Label("整改后", "After"),
    "other": Label("其他", "Other"),
}
PHOTOS = {
    "title": Label("照片", "Photos"),
    "alt": Label("{title}：{role}照片，第 {n} 张", "{title}: photo {n}, {role}"),
    "waiting": Label("还没有传到", "Not here yet"),
}
