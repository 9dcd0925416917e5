"""Photographs for tests: scenes with edges, everything a camera may write beside, and traps."""

import hashlib
import io
import struct
import zlib

import numpy as np
from PIL import ExifTags, Image

SECRET = b"SECRETCAM"
"""Stands in whatever is not pixels."""


def scene(width: int = 64, height: int = 48, *, n: int = 0) -> Image.Image:
    """Something with edges, so that a wrong turn shows; another for every n."""
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack(
        [columns * 255 // width, rows * 255 // height, 0 * rows + n * 37 % 256], axis=-1
    )
    return Image.fromarray(pixels.astype(np.uint8))


def encoded(
    image: Image.Image, form: str = "JPEG", *, turn: int | None = None, **more: object
) -> bytes:
    """A file with Exif: where, when, and by which camera."""
    out, tags = io.BytesIO(), Image.Exif()
    gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (36.0, 37.0, 12.0)
    gps[ExifTags.GPS.GPSLongitudeRef] = "E"
    gps[ExifTags.GPS.GPSLongitude] = (101.0, 49.0, 12.0)
    own = tags.get_ifd(ExifTags.IFD.Exif)
    own[ExifTags.Base.DateTimeOriginal] = "2026:11:23 09:00:00"
    own[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    tags[ExifTags.Base.Make] = SECRET.decode()
    if turn:
        tags[ExifTags.Base.Orientation] = turn
    image.save(out, form, exif=tags, **more)
    return out.getvalue()


def photograph(n: int = 0) -> bytes:
    """The n-th photograph."""
    return encoded(scene(n=n))


def name_of(content: bytes) -> str:
    """Under which it is brought."""
    return hashlib.sha256(content).hexdigest()


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG (ISO/IEC 15948, §5.3)."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*chunks: bytes, side: int = 8) -> bytes:
    """A black PNG of eight bits of grey with chunks of one's own before its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" * (side + 1)) * side))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def bomb(side: int) -> bytes:
    """A PNG of many pixels and few bytes."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packed = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 2)
    data = b"".join(packed.compress(row) for _ in range(side)) + packed.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def moving(form: str) -> bytes:
    """Two pictures in one file."""
    out, pictures = io.BytesIO(), [scene(n=n) for n in (0, 1)]
    pictures[0].save(out, form, save_all=True, append_images=pictures[1:])
    return out.getvalue()


def with_marker(content: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment behind its first two bytes (ITU-T T.81, B.1.1.4)."""
    return content[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + content[2:]
