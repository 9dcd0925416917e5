"""Photographs for the demo: drawn, plainly so, before and after the work."""

from functools import cache
from hashlib import sha256
from io import BytesIO
from random import Random
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

Moment = Literal["before", "after"]

_SIZE: Final = (720, 540)
_GROUND: Final = 350  # where the wall ends and the pavement begins
_SKY, _WALL, _PAVEMENT = (206, 217, 226), (196, 178, 150), (150, 150, 146)
_CLUTTER: Final = ((138, 98, 62), (92, 92, 100), (176, 64, 48), (60, 96, 130), (206, 190, 90))
_LABEL: Final = {
    "before": "SYNTHETIC DEMO PICTURE - BEFORE",
    "after": "SYNTHETIC DEMO PICTURE - AFTER",
}


@cache
def picture(scene: int, moment: Moment) -> bytes:
    """A JPEG of a scene, the same bytes each time; after the work its clutter is gone."""
    image = Image.new("RGB", _SIZE, _SKY)
    draw, random = ImageDraw.Draw(image), Random(scene)  # noqa: S311  a drawing, no secret
    _street(draw, random)
    if moment == "before":
        _heap(draw, random)
    else:
        _tended(draw, random)
    draw.rectangle((0, _SIZE[1] - 34, _SIZE[0], _SIZE[1]), fill=(20, 24, 28))
    draw.text((12, _SIZE[1] - 28), _LABEL[moment], fill="white", font=ImageFont.load_default(18))
    content = BytesIO()
    image.save(content, "JPEG", quality=78)
    return content.getvalue()


def digest(content: bytes) -> str:
    """Under which name it is kept."""
    return sha256(content).hexdigest()


def _street(draw: ImageDraw.ImageDraw, random: Random) -> None:
    """A house with its windows, and the pavement before it."""
    shade = random.randint(-18, 18)
    wall = tuple(part + shade for part in _WALL)
    draw.rectangle((0, random.randint(40, 110), _SIZE[0], _GROUND), fill=wall)
    for left in range(random.randint(20, 70), _SIZE[0] - 80, 128):
        draw.rectangle((left, 150, left + 66, 240), fill=(84, 104, 122), outline=(240, 240, 236))
        draw.line((left + 33, 150, left + 33, 240), fill=(240, 240, 236), width=3)
    draw.rectangle((0, _GROUND, _SIZE[0], _SIZE[1]), fill=_PAVEMENT)
    for across in range(_GROUND + 26, _SIZE[1], 40):
        draw.line((0, across, _SIZE[0], across), fill=(132, 132, 128), width=2)


def _heap(draw: ImageDraw.ImageDraw, random: Random) -> None:
    """What ought not to lie there."""
    for _ in range(26):
        left, foot = random.randint(150, 500), random.randint(_GROUND + 20, _GROUND + 130)
        width, height = random.randint(28, 96), random.randint(20, 78)
        colour = random.choice(_CLUTTER)
        box = (left, foot - height, left + width, foot)
        draw.rectangle(box, fill=colour, outline=(40, 36, 32))


def _tended(draw: ImageDraw.ImageDraw, random: Random) -> None:
    """Swept, and a flower bed along the wall."""
    draw.rectangle((0, _GROUND - 14, _SIZE[0], _GROUND + 10), fill=(86, 128, 78))
    for left in range(10, _SIZE[0], 34):
        colour = random.choice(((226, 120, 140), (240, 208, 96), (236, 236, 240)))
        draw.ellipse((left, _GROUND - 22, left + 14, _GROUND - 8), fill=colour)
    draw.line((40, _GROUND + 90, _SIZE[0] - 40, _GROUND + 90), fill=(240, 236, 210), width=8)
