"""What pages say of photographs."""

from layers.declaring.words import Label
from layers.schema.photos import PHOTO_LABELS

ROLES = PHOTO_LABELS
PHOTOS = {
    "title": Label("照片", "Photos"),
    "alt": Label("{title}：{role}照片，第 {n} 张", "{title}: photo {n}, {role}"),
    "waiting": Label("还没有传到", "Not here yet"),
}
