"""What is wrong with photographs."""

from gis.errors import Rule

PHOTO_UNREADABLE = Rule(
    "photo-unreadable",
    "照片打不开：{reason_zh}；只收 JPEG、PNG、WebP",
    "The photo cannot be opened: {reason}; JPEG, PNG and WebP are taken",
)
PHOTO_HEIC = Rule(
    "photo-heic",
    "这是 HEIC 照片，多数浏览器打不开；请在手机“设置 → 相机 → 格式”里选“兼容性最佳”再拍，"
    "或先转成 JPEG",
    "This is a HEIC photo, which most browsers cannot open; choose “Most Compatible” under Settings"
    " → Camera → Formats, or convert it to JPEG first",
)
PHOTO_MOVING = Rule(
    "photo-moving",
    "这是动图（{frames} 幅），照片只能有一幅",
    "This is an animation of {frames} pictures; a photo is one",
)
PHOTO_PIXELS = Rule(
    "photo-pixels",
    "照片超过 {limit} 像素，请缩小后再传",
    "The photo has more than {limit} pixels; make it smaller",
)
PHOTO_OTHER = Rule(
    "photo-other",
    "收到的内容与地址里的 SHA-256 不符，请重传（收到的是 {found}）",
    "What arrived does not have the SHA-256 of the address; send it again (this is {found})",
)
PHOTO_STORE = Rule(
    "photo-store",
    "照片现在存不下：{reason}",
    "Photos cannot be stored now: {reason}",
)
PHOTO_PLACE = Rule(
    "photo-place",
    "照片的存放处 {place} 不能用：{reason}",
    "Photos cannot be kept at {place}: {reason}",
)
PHOTO_LOST = Rule(
    "photo-lost",
    "照片 {sha256} 的文件不见了，或已被改动",
    "The file of photo {sha256} is gone or was altered",
)
