"""Photographs: decoded whole, never too large, and given out without where they were taken."""

import hashlib
import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from gis.errors import Problem
from layers.photos import pictures
from layers.photos import store as photo_store
from layers.refusals.photos import (
    PHOTO_HEIC,
    PHOTO_LOST,
    PHOTO_MOVING,
    PHOTO_PIXELS,
    PHOTO_PLACE,
    PHOTO_STORE,
    PHOTO_UNREADABLE,
)
from tests.photographs import SECRET, bomb, chunk, encoded, moving, png, scene, with_marker

LIMIT = 50_000_000


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_known_by_its_bytes(form: str) -> None:
    seen = pictures.look(io.BytesIO(encoded(scene(), form)), pixels=LIMIT)
    assert (seen.media_type, seen.width, seen.height) == (f"image/{form.lower()}", 64, 48)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("longest", [None, 32])
@pytest.mark.parametrize("turn", [None, 6])
def test_what_is_given_out_is_upright_and_tells_nothing(
    form: str, longest: int | None, turn: int | None
) -> None:
    content = encoded(scene(), form, turn=turn)
    assert SECRET in content
    bare, media_type = pictures.given_out(io.BytesIO(content), pixels=LIMIT, longest=longest)
    assert SECRET not in bare
    assert media_type in pictures.MEDIA_TYPES.values()
    image = Image.open(io.BytesIO(bare))
    assert not image.getexif()
    wanted = (48, 64) if turn else (64, 48)
    assert image.size == (wanted if longest is None else tuple(n * 32 // 64 for n in wanted))
    # Red grows to the right in the scene; turned by 90° clockwise it grows downwards.
    red = np.asarray(image.convert("RGB"))[..., 0].astype(int)
    across, down = red[:, -1].mean() - red[:, 0].mean(), red[-1].mean() - red[0].mean()
    assert (down > 150) if turn else (across > 150)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        encoded(scene())[:-200],
        b"GIF89a" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"MZ" + b"\0" * 100,
    ],
)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        pictures.look(io.BytesIO(content), pixels=LIMIT)
    assert refused.value.rule is PHOTO_UNREADABLE


@pytest.mark.parametrize("side", [8_000, 30_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(Problem) as refused:
        pictures.look(io.BytesIO(bomb(side)), pixels=LIMIT)
    assert refused.value.rule is PHOTO_PIXELS


@given(st.data())
def test_a_damaged_picture_is_refused_or_read(data: st.DataObject) -> None:
    content = bytearray(encoded(scene()))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Problem):  # whatever else is raised fails the test
        pictures.look(io.BytesIO(bytes(content)), pixels=LIMIT)
        pictures.given_out(io.BytesIO(bytes(content)), pixels=LIMIT, longest=32)


def bare(content: bytes, longest: int | None = None) -> tuple[bytes, Image.Image]:
    """What is given out, as bytes and opened."""
    found, _ = pictures.given_out(io.BytesIO(content), pixels=LIMIT, longest=longest)
    image = Image.open(io.BytesIO(found))
    image.load()
    return found, image


def red(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))[..., 0].astype(int)


@pytest.mark.parametrize("longest", [None, 32])
@pytest.mark.parametrize("turn", range(1, 9))
def test_every_turn_is_turned_back(turn: int, longest: int | None) -> None:
    """As Exif means it: rows of the file begin at the top, right, bottom or left of the scene."""
    upright = np.asarray(scene())
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[turn]
    content = encoded(Image.fromarray(np.ascontiguousarray(stored)), turn=turn, quality=95)
    seen = pictures.look(io.BytesIO(content), pixels=LIMIT)
    assert (seen.width, seen.height) == (64, 48)
    _, image = bare(content, longest)
    assert image.size == ((64, 48) if longest is None else (32, 24))
    found = np.asarray(image.convert("RGB").resize((64, 48))).astype(int)
    assert np.abs(found - upright)[..., :2].mean() < 8


_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
HIDING = {
    "a comment": encoded(scene(), comment=SECRET),
    "a profile": encoded(scene(), icc_profile=_SRGB + SECRET),
    "XMP": encoded(scene(), xmp=b"<x:xmpmeta>" + SECRET),
    "IPTC": with_marker(encoded(scene()), 0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04" + SECRET),
    "its own segment": with_marker(encoded(scene()), 0xEB, SECRET),
    "a page behind": encoded(scene()) + b"<html><script>alert(1)</script>" + SECRET,
    "an archive behind": encoded(scene()) + b"PK\x03\x04" + SECRET,
    "text of a PNG": png(chunk(b"tEXt", b"Comment\0" + SECRET)),
    "packed text of a PNG": png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SECRET))),
    "bytes behind a PNG": png() + SECRET,
    "an unknown chunk": png(chunk(b"seCr", SECRET)),
    "XMP of a WebP": encoded(scene(), "WEBP", xmp=SECRET),
    "a second picture": encoded(scene(), "MPO", save_all=True, append_images=[scene(n=9)]),
}


@pytest.mark.parametrize("longest", [None, 32])
@pytest.mark.parametrize("content", HIDING.values(), ids=HIDING)
def test_nothing_but_pixels_is_given_out(content: bytes, longest: int | None) -> None:
    pictures.look(io.BytesIO(content), pixels=LIMIT)
    found, image = bare(content, longest)
    for word in (SECRET, b"<html", b"script", b"Photoshop", b"PK\x03", b"ICC_PROFILE", b"Exif"):
        assert word not in found
    assert getattr(image, "n_frames", 1) == 1
    assert set(image.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "loop",
        "background",
        "timestamp",
        "duration",
    }
    marked = image.app if image.format == "JPEG" else {}
    assert set(marked) <= {"APP0"}


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_animation_is_no_photograph(form: str) -> None:
    with pytest.raises(Problem) as refused:
        pictures.look(io.BytesIO(moving(form)), pixels=LIMIT)
    assert refused.value.rule is PHOTO_MOVING


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc"])
def test_a_heic_is_told_what_to_do(brand: bytes) -> None:
    content = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + b"\0" * 200
    with pytest.raises(Problem) as refused:
        pictures.look(io.BytesIO(content), pixels=LIMIT)
    assert refused.value.rule is PHOTO_HEIC
    assert "兼容性最佳" in refused.value.sentence("zh")


def test_a_refusal_tells_what_it_is_and_nothing_of_the_inside() -> None:
    for content, said in (
        (b"", "文件是空的"),
        (b"GIF89a" + b"\0" * 40, "这是 GIF"),
        (b"x", "不是图片"),
        (encoded(scene())[:-200], "内容不完整或已损坏"),
    ):
        with pytest.raises(Problem) as refused:
            pictures.look(io.BytesIO(content), pixels=LIMIT)
        assert refused.value.sentence("zh") == f"照片打不开：{said}；只收 JPEG、PNG、WebP"
        assert "0x" not in refused.value.sentence("en")


def test_other_colours_become_those_of_a_screen() -> None:
    ink = Image.new("CMYK", (32, 24), (255, 0, 0, 0))
    assert bare(encoded(ink, quality=95))[1].mode == "RGB"
    assert bare(encoded(ink, quality=95))[1].getpixel((9, 9)) == pytest.approx((0, 255, 255), abs=9)
    grey = np.linspace(0, 65_535, 64 * 48).reshape(48, 64).astype(np.uint16)
    deep, image = io.BytesIO(), Image.fromarray(grey)
    image.save(deep, "PNG")
    found = red(bare(deep.getvalue())[1])
    assert np.abs(found - (grey >> 8)).max() < 12
    drawn = Image.new("P", (8, 6))
    drawn.putpalette([200, 10, 10, 10, 200, 10])
    out = io.BytesIO()
    drawn.save(out, "PNG", transparency=0)
    assert bare(out.getvalue())[1].mode == "RGBA"
    one = io.BytesIO()
    Image.new("1", (1, 1)).save(one, "PNG")
    assert bare(one.getvalue(), 160)[1].size == (1, 1)


def test_a_picture_that_no_webp_can_hold_becomes_smaller() -> None:
    out = io.BytesIO()
    Image.new("RGB", (20_000, 3)).save(out, "PNG")
    assert max(bare(out.getvalue())[1].size) == 16_383


def test_a_header_that_promises_too_much_is_not_believed() -> None:
    """A WebP of 268 million pixels in thirty bytes."""
    size = (16_382).to_bytes(3, "little")
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size + size
    content = b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
    with pytest.raises(Problem) as refused:
        pictures.look(io.BytesIO(content), pixels=LIMIT)
    assert refused.value.rule in {PHOTO_PIXELS, PHOTO_UNREADABLE}


# --- where the bytes are --------------------------------------------------------------------------
NAME, OTHER = (hashlib.sha256(word).hexdigest() for word in (b"one", b"two"))


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> photo_store.PhotoStore:
    place = "memory:///" if request.param == "memory" else str(tmp_path / "photos")
    return photo_store.opened(place)


def test_bytes_are_kept_under_their_hash(store: photo_store.PhotoStore) -> None:
    store.keep(NAME, b"one")
    store.keep(NAME, b"one")
    assert store.get(NAME) == b"one"
    for missing in (OTHER, NAME[::-1]):
        with pytest.raises(Problem) as refused:
            store.get(missing)
        assert refused.value.rule is PHOTO_LOST
    store.remove(NAME)
    store.remove(NAME)
    with pytest.raises(Problem):
        store.get(NAME)


def test_copies_are_kept_apart_and_for_each_size(store: photo_store.PhotoStore) -> None:
    assert store.get_copy(NAME, 160) is None
    store.keep_copy(NAME, 160, b"small")
    assert (store.get_copy(NAME, 160), store.get_copy(NAME, 480)) == (b"small", None)
    with pytest.raises(Problem):
        store.get(NAME)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_folder_is_private_and_has_nothing_else_in_it(tmp_path: Path) -> None:
    store = photo_store.opened(str(tmp_path / "home" / "photos"))
    assert (tmp_path / "home" / "photos").stat().st_mode & 0o777 == 0o700
    store.keep(NAME, b"one")
    assert files(tmp_path) == [NAME]


def test_what_a_crash_left_is_healed(tmp_path: Path) -> None:
    store = photo_store.opened(str(tmp_path))
    store.keep(NAME, b"one")
    path = tmp_path / NAME[:2] / NAME
    path.write_bytes(b"")  # named before its bytes were on the disk
    Path(f"{path}#1").write_bytes(b"o")  # not renamed any more
    with pytest.raises(Problem) as refused:
        store.get(NAME)
    assert refused.value.rule is PHOTO_LOST
    store.keep(NAME, b"one")
    assert store.get(NAME) == b"one"
    assert files(tmp_path) == [NAME]


def test_a_store_that_cannot_be_written_says_so_and_nothing_of_its_paths(tmp_path: Path) -> None:
    store = photo_store.opened(str(tmp_path))
    (tmp_path / NAME[:2]).write_text("a file where a folder belongs")
    for attempt in (lambda: store.keep(NAME, b"one"), lambda: store.get(NAME)):
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.rule is PHOTO_STORE
        assert str(tmp_path) not in refused.value.sentence("en")
    store.keep_copy(NAME, 160, b"one")  # which would have been a convenience


@pytest.mark.parametrize("place", ["nowhere://x", "s3://", "/proc/nothing/photos"])
def test_a_place_that_can_be_none_is_refused(place: str) -> None:
    with pytest.raises(Problem) as refused:
        photo_store.opened(place)
    assert refused.value.rule is PHOTO_PLACE
    assert place in refused.value.sentence("zh")
