"""Photographs as bytes: looked at before they are kept, and given out without what they tell."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import BinaryIO, cast

import numpy as np
from PIL import Image

from gis import exif
from gis.errors import Problem
from gis.exif import Taken
from layers.refusals.photos import PHOTO_HEIC, PHOTO_MOVING, PHOTO_PIXELS, PHOTO_UNREADABLE

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SIZES = (160, 480, 1280)
"""The longest sides of the smaller copies, in pixels."""

_QUALITY = 82
_LYING = range(5, 9)  # of Exif's orientations
_TURNS: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WEBP_SIDE = 16_383  # the format's own limit
# A decoded picture takes three or four bytes a pixel, and while it is turned twice that.
_DECODING = BoundedSemaphore(2)
# Pillow's own guard is a warning, which no two threads can silence at once; `pixels` is asked of
# every header here before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A photograph that could be decoded whole: its kind and size in pixels as it is shown."""

    media_type: str
    width: int
    height: int
    taken: Taken


def look(file: BinaryIO, *, pixels: int) -> Seen:
    """Decode all of it. Problem(PHOTO_UNREADABLE), (PHOTO_HEIC), (PHOTO_MOVING), and for more
    than `pixels` Problem(PHOTO_PIXELS).

    The bytes decide what it is, not its name. What is cut off or broken is refused: a picture
    that nobody can look at proves nothing.
    """
    with _DECODING, _opened(file, pixels) as image:
        taken = exif.read(image)
        form, (width, height) = _form(image), image.size
        # Every bit is read, an eighth of the sides is made.
        image.draft(None, (max(1, width // 8), max(1, height // 8)))
        _decoded(image)
        if taken.orientation in _LYING:
            width, height = height, width
        return Seen(MEDIA_TYPES[form], width, height, taken)


def given_out(file: BinaryIO, *, pixels: int, longest: int | None = None) -> tuple[bytes, str]:
    """The picture upright and bare, and its media type; no side longer than `longest`.

    It is made of pixels alone: no Exif, no place, no comment, no profile, nothing before or behind.
    """
    with _DECODING, _opened(file, pixels) as image:
        turn = _TURNS.get(exif.read(image).orientation)
        jpeg = _form(image) == "JPEG"
        fits = turn is None and (longest is None or max(image.size) <= longest)
        if image.format == "JPEG" and image.mode in {"L", "RGB"} and fits:
            return _bare_jpeg(image), MEDIA_TYPES["JPEG"]
        if longest is not None:
            image.draft(None, (2 * longest, 2 * longest))
        _decoded(image)
        shown = _eight_bits(image)
        longest = longest if jpeg else min(longest or _WEBP_SIDE, _WEBP_SIDE)
        if longest is not None:
            shown.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        upright = shown if turn is None else shown.transpose(turn)
        return _written(upright, "JPEG" if jpeg else "WEBP")


def media_type(content: bytes) -> str:
    """What a picture that was given out is."""
    return MEDIA_TYPES["JPEG" if content.startswith(b"\xff\xd8") else "WEBP"]


def _form(image: Image.Image) -> str:
    # Phones put a second, smaller picture behind the first one and name it so.
    return "JPEG" if image.format == "MPO" else str(image.format)


def _bare_jpeg(image: Image.Image) -> bytes:
    """With its own tables: the loss of a second compression is next to none."""
    _decoded(image)
    image.info.clear()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=cast("int", "keep"))
    return out.getvalue()


def _eight_bits(image: Image.Image) -> Image.Image:
    """The picture in the three or four channels that every screen has."""
    if image.mode.startswith("I"):  # 16 bits of grey, of which Pillow would keep the lowest
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _written(image: Image.Image, form: str) -> tuple[bytes, str]:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, form, quality=_QUALITY)
    return out.getvalue(), MEDIA_TYPES[form]


# --- opening what comes from outside --------------------------------------------------------------
def _opened(file: BinaryIO, pixels: int) -> Image.Image:
    """The image, its header read; nothing is decoded yet."""
    _check_kind(file)
    try:
        image = Image.open(file, formats=tuple(MEDIA_TYPES))
        frames = int(getattr(image, "n_frames", 1))
    except Exception:
        raise _damaged() from None
    if frames > 1 and image.format != "MPO":
        raise Problem(PHOTO_MOVING, frames=frames)
    if image.width * image.height > pixels:
        raise Problem(PHOTO_PIXELS, limit=pixels)
    return image


def _decoded(image: Image.Image) -> None:
    try:
        image.load()
    except Exception:
        raise _damaged() from None


def _damaged() -> Problem:
    return _unreadable("it is cut off or damaged", "内容不完整或已损坏")


def _unreadable(reason: str, reason_zh: str) -> Problem:
    return Problem(PHOTO_UNREADABLE, reason=reason, reason_zh=reason_zh)


# What people send instead, by where its first bytes are; the rest has no name.
_OTHERS = (
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x1f\x8b", "GZIP"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"JXL ", "JPEG XL"),
    (4, b"ftypavi", "AVIF"),
    (4, b"ftyp", "MP4"),
)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_HEAD_BYTES = 16


def _check_kind(file: BinaryIO) -> None:
    """Problem unless the first bytes are those of a picture that is taken."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if not head:
        raise _unreadable("it is empty", "文件是空的")
    if head.startswith(_HEADS):
        return
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        raise Problem(PHOTO_HEIC)
    for start, magic, name in _OTHERS:
        if head.startswith(magic, start):
            raise _unreadable(f"it is {name}", f"这是 {name}")
    raise _unreadable("it is no picture", "不是图片")
