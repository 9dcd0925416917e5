"""Photographs over HTTP: brought, refused, given out, told of."""

import io
import json
import re
import struct
import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import httpx2
import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Role
from layers.leaving.exporting import FORMATS
from layers.photos import bringing as photos
from layers.photos.bringing import Wanted
from layers.registry import Registry
from layers.schema.accounts import PERSONAL_READS
from layers.schema.photos import PHOTO_LINKS, PHOTO_UPLOADS, PHOTOS
from tests.api.conftest import BASE
from tests.api.leak_reading import text
from tests.api.test_editing import GEOJSON, feature
from tests.people import bearer
from tests.photographs import (
    SECRET,
    bomb,
    chunk,
    encoded,
    moving,
    name_of,
    photograph,
    png,
    scene,
)
from tests.records import COMMUNITY, NEIGHBOUR, lay_ground, record

PICTURE = photograph()
NAME = name_of(PICTURE)
LAYER = "illegal_structures"
IMMUTABLE = "private, max-age=31536000, immutable"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a folder of its own, and room for three megabytes and a million pixels."""
    return Settings(home=tmp_path / "home", photo_limit_mb=3, photo_pixels=1_000_000)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.home / "photos"


def put(
    client: TestClient, content: bytes = PICTURE, name: str = "", **more: str
) -> httpx2.Response:
    return client.put(f"/photos/{name or name_of(content)}", content=content, headers=more)


def stored(database: Database, folder: Path) -> tuple[int, ...]:
    """How many rows and files there are."""
    with database.read() as connection:
        rows = [
            connection.scalar(sa.select(sa.func.count()).select_from(each)) or 0
            for each in (PHOTOS, PHOTO_UPLOADS, PHOTO_LINKS)
        ]
    return (*rows, sum(path.is_file() for path in folder.rglob("*")))


@pytest.fixture
def item(client: TestClient, database: Database, registry: Registry) -> str:
    """The address of a feature with one photograph that has come and one that has not."""
    layer = registry.layer(LAYER)
    made = client.post(f"/collections/{LAYER}/items", json=feature(layer), headers=GEOJSON)
    assert put(client).status_code == 201
    with database.begin() as connection:
        waiting = Wanted(name_of(photograph(1)), "near")
        photos.attach(connection, layer, made.json()["id"], [Wanted(NAME, "far"), waiting])
        connection.execute(sa.update(PHOTO_LINKS).values(held=PHOTO_LINKS.c.sha256 == NAME))
    return f"/collections/{LAYER}/items/{made.json()['id']}"


# --- bringing -------------------------------------------------------------------------------------
def test_the_same_again_is_the_same_receipt(
    client: TestClient, database: Database, folder: Path
) -> None:
    made, again = put(client), put(client)
    assert (made.status_code, again.status_code) == (201, 200)
    receipt = made.json()
    assert receipt == again.json()
    assert receipt.pop("received_at")
    assert receipt == {
        "sha256": NAME,
        "bytes": len(PICTURE),
        "media_type": "image/jpeg",
        "width": 64,
        "height": 48,
        "taken_at": "2026-11-23T09:00:00+08:00",
        "position": {
            "lon": pytest.approx(101.82),
            "lat": pytest.approx(36.62),
            "datum": None,
        },
    }
    assert stored(database, folder) == (1, 1, 0, 1)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("claimed", ["image/jpeg", "text/html", "application/octet-stream", ""])
def test_the_bytes_decide_what_it_is(client: TestClient, form: str, claimed: str) -> None:
    content = encoded(scene(), form)
    found = put(client, content, **({"content-type": claimed} if claimed else {}))
    assert (found.status_code, found.json()["media_type"]) == (201, f"image/{form.lower()}")
    shown = client.get(f"/photos/{name_of(content)}")
    kind = "image/jpeg" if form == "JPEG" else "image/webp"
    assert shown.headers["content-type"] == kind


def _jpeg_of(width: int, height: int) -> bytes:
    """A JPEG whose header says that it has these sides."""
    content = bytearray(encoded(scene()))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


_WHOLE = encoded(scene(200, 150))
_NOISE = np.random.default_rng(5).integers(0, 255, (1100, 1100, 3)).astype(np.uint8)


def _too_heavy() -> bytes:
    out = io.BytesIO()
    Image.fromarray(_NOISE[:999, :999]).save(out, "PNG")
    return out.getvalue() + b"\0" * 1_000_000


def _too_many() -> bytes:
    out = io.BytesIO()
    Image.fromarray(_NOISE).save(out, "JPEG", quality=30)
    return out.getvalue()


WRONG: Mapping[str, tuple[bytes, int, str, str]] = {
    "nothing": (b"", 422, "photo-unreadable", "文件是空的"),
    "one byte": (b"\xff", 422, "photo-unreadable", "不是图片"),
    "the beginning of a JPEG": (b"\xff\xd8\xff", 422, "photo-unreadable", "不完整"),
    "a JPEG without its end": (_WHOLE[:-2000], 422, "photo-unreadable", "不完整"),
    "half a JPEG": (_WHOLE[: len(_WHOLE) // 2], 422, "photo-unreadable", "不完整"),
    "only the Exif of a JPEG": (_WHOLE[:300], 422, "photo-unreadable", "不完整"),
    "a JPEG without its beginning": (_WHOLE[2:], 422, "photo-unreadable", "不是图片"),
    "a PNG without its end": (encoded(scene(), "PNG")[:-60], 422, "photo-unreadable", "不完整"),
    "a PNG with a wrong sum": (png()[:40] + b"\1" + png()[41:], 422, "photo-unreadable", "损坏"),
    "a PNG without pixels": (png()[:33], 422, "photo-unreadable", "损坏"),
    "half a WebP": (encoded(scene(), "WEBP")[:90], 422, "photo-unreadable", "损坏"),
    "an empty WebP": (b"RIFF\4\0\0\0WEBP", 422, "photo-unreadable", "损坏"),
    "a sound": (b"RIFF$\0\0\0WAVEfmt ", 422, "photo-unreadable", "损坏"),
    "a GIF": (b"GIF89a\1\0\1\0" + b"\0" * 40, 422, "photo-unreadable", "这是 GIF"),
    "a BMP": (b"BM" + b"\0" * 60, 422, "photo-unreadable", "这是 BMP"),
    "a TIFF": (b"II*\0\x08\0\0\0" + b"\0" * 60, 422, "photo-unreadable", "这是 TIFF"),
    "a HEIC": (b"\0\0\0\x18ftypheic" + b"\0" * 90, 422, "photo-heic", "兼容性最佳"),
    "an AVIF": (b"\0\0\0\x18ftypavif" + b"\0" * 90, 422, "photo-unreadable", "这是 AVIF"),
    "a film": (b"\0\0\0\x18ftypmp42" + b"\0" * 90, 422, "photo-unreadable", "这是 MP4"),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "photo-unreadable", "不是"),
    "a page": (b"<!doctype html><script>alert(1)</script>", 422, "photo-unreadable", "不是图片"),
    "a PDF": (b"%PDF-1.7\n" + PICTURE, 422, "photo-unreadable", "这是 PDF"),
    "an archive": (b"PK\3\4" + b"\0" * 60, 422, "photo-unreadable", "这是 ZIP"),
    "packed": (b"\x1f\x8b\x08\0" + b"\0" * 60, 422, "photo-unreadable", "这是 GZIP"),
    "a program": (b"MZ" + b"\0" * 200, 422, "photo-unreadable", "不是图片"),
    "a photo within a form": (
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + PICTURE + b"\r\n--x--",
        422,
        "photo-unreadable",
        "不是图片",
    ),
    "a moving PNG": (moving("PNG"), 422, "photo-moving", "动图（2 幅）"),
    "a moving WebP": (moving("WEBP"), 422, "photo-moving", "动图"),
    "a bomb": (bomb(8_000), 422, "photo-pixels", "1000000 像素"),
    "a greater bomb": (bomb(30_000), 422, "photo-pixels", "像素"),
    "a JPEG that says it is huge": (_jpeg_of(65_500, 65_500), 422, "photo-pixels", "像素"),
    "a JPEG without sides": (_jpeg_of(0, 0), 422, "photo-unreadable", "损坏"),
    "a few pixels too many": (_too_many(), 422, "photo-pixels", "像素"),
    "text that unpacks to much": (
        png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 90_000_000))),
        422,
        "photo-unreadable",
        "损坏",
    ),
    "too many bytes": (_too_heavy(), 413, "body-too-large", "3 MB"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_photograph_is_refused_and_leaves_nothing(
    client: TestClient, database: Database, folder: Path, case: str
) -> None:
    content, status, rule, said = WRONG[case]
    refused = put(client, content)
    problem = refused.json()
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.status_code, problem["type"]) == (status, f"/problems/{rule}"), problem
    assert said in problem["detail"]
    assert stored(database, folder) == (0, 0, 0, 0)


NAMES = {
    "in capitals": NAME.upper(),
    "too short": NAME[:-1],
    "too long": NAME + "0",
    "no hexadecimal": "g" * 64,
    "other digits": "１" * 64,
    "a path": "..%2f..%2fetc%2fpasswd",
    "a line": NAME + "%0a",
    "nothing": "%20",
}


@pytest.mark.parametrize("case", NAMES)
def test_what_is_no_hash_names_no_photograph(
    client: TestClient, database: Database, folder: Path, case: str
) -> None:
    refused = put(client, PICTURE, NAMES[case])
    assert refused.status_code in {404, 422}
    assert refused.json()["type"] in {"/problems/photo-name", "/problems/no-such-page"}
    assert client.get(f"/photos/{NAMES[case]}").status_code == 404
    assert stored(database, folder) == (0, 0, 0, 0)


def test_other_bytes_under_a_hash_are_always_409(
    client: TestClient, database: Database, folder: Path
) -> None:
    other = photograph(1)
    before = put(client, other, NAME)
    assert put(client).status_code == 201
    after = put(client, other, NAME)
    for refused in (before, after):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/photo-other")
    assert before.json() == after.json()
    assert stored(database, folder) == (1, 1, 0, 1)
    assert client.get(f"/photos/{name_of(other)}").status_code == 404


def test_a_body_without_an_end_is_stopped_at_the_limit(
    client: TestClient, database: Database, folder: Path
) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 100_000
            yield b"\xff\xd8\xff" + b"\0" * 99_997

    refused = client.put(f"/photos/{NAME}", content=endless())
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/body-too-large")
    assert stored(database, folder) == (0, 0, 0, 0)


def test_parameters_that_are_none_are_refused(client: TestClient) -> None:
    put(client)
    for address in (f"/photos/{NAME}?size=161", f"/photos/{NAME}?size=-1", f"/photos/{NAME}?x=1"):
        assert client.get(address).status_code == 400
    assert client.put(f"/photos/{NAME}?size=160", content=PICTURE).status_code == 400
    assert client.post(f"/photos/{NAME}", content=PICTURE).status_code == 405
    assert client.delete(f"/photos/{NAME}").status_code == 405


def test_twenty_requests_at_once_are_one_photograph(
    client: TestClient, database: Database, folder: Path
) -> None:
    ready, found = threading.Barrier(20), list[int]()

    def send() -> None:
        ready.wait()
        found.append(put(client).status_code)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 19 + [201]
    assert stored(database, folder) == (1, 1, 0, 1)


def test_a_store_that_is_away_is_no_fault_of_the_phone(
    client: TestClient, database: Database, folder: Path
) -> None:
    blocked = folder / NAME[:2]
    blocked.write_text("no folder can be made here")
    refused = put(client)
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/photo-store")
    assert refused.headers["retry-after"]
    assert str(folder) not in refused.text
    assert client.get(f"/photos/{NAME}").status_code == 404
    blocked.unlink()
    assert put(client).status_code == 201


# --- giving out -----------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [None, 160, 480, 1280])
def test_a_photograph_is_given_out_bare_and_shut_in(client: TestClient, size: int | None) -> None:
    content = encoded(scene(900, 300), turn=6) + b"<script>" + SECRET
    assert put(client, content).status_code == 201
    address = f"/photos/{name_of(content)}" + (f"?size={size}" if size else "")
    shown = client.get(address)
    assert shown.status_code == 200
    image = Image.open(io.BytesIO(shown.content))
    longest = min(900, size or 900)
    assert image.size == (longest // 3, longest)
    assert not image.getexif()
    assert SECRET not in shown.content
    headers = shown.headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["cache-control"] == IMMUTABLE
    assert {"Cookie", "Authorization"} <= set(headers["vary"].split(", "))
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    disposition = f'inline; filename="{name_of(content)[:12]}.jpg"'
    assert headers["content-disposition"] == disposition
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", headers["etag"])
    same = client.get(address, headers={"if-none-match": headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["cache-control"] == IMMUTABLE
    assert client.get(address).content == shown.content


def test_each_size_has_an_etag_of_its_own(client: TestClient) -> None:
    put(client)
    addresses = (f"/photos/{NAME}{query}" for query in ("", "?size=160", "?size=480"))
    assert len({client.get(address).headers["etag"] for address in addresses}) == 3


def test_who_may_not_see_it_is_told_what_everybody_is(
    client: TestClient, database: Database, item: str
) -> None:
    stranger = bearer(database, Role.ADMIN, "630102008001")
    tag = client.get(f"/photos/{NAME}").headers["etag"]
    for headers in ({}, {"if-none-match": tag}, {"if-none-match": "*"}):
        hidden, never = (
            client.get(f"/photos/{name}", headers={**headers, **stranger})
            for name in (NAME, name_of(b"never"))
        )
        assert (hidden.status_code, never.status_code) == (404, 404)
        assert hidden.text.replace(NAME, "") == never.text.replace(name_of(b"never"), "")
        assert sorted(hidden.headers) == sorted(never.headers)
    made = client.put(f"/photos/{NAME}", content=PICTURE, headers=stranger)
    assert made.status_code == 201


def test_a_file_that_is_gone_is_told_to_the_keeper(client: TestClient, folder: Path) -> None:
    put(client)
    (folder / NAME[:2] / NAME).unlink()
    lost = client.get(f"/photos/{NAME}")
    assert (lost.status_code, lost.json()["type"]) == (503, "/problems/photo-lost")
    assert put(client).status_code == 200
    assert client.get(f"/photos/{NAME}").status_code == 200


def test_a_limit_that_is_lowered_hides_nothing(
    client: TestClient, database: Database, settings: Settings, registry: Registry
) -> None:
    content = encoded(scene(1000, 900))
    put(client, content)
    lower = settings.model_copy(update={"photo_pixels": 1000})
    with TestClient(create_app(lower, database=database, registry=registry), BASE) as other:
        headers = dict(client.headers)
        assert other.get(f"/photos/{name_of(content)}", headers=headers).status_code == 200


# --- features -------------------------------------------------------------------------------------
def test_an_item_leads_to_its_photographs(client: TestClient, item: str) -> None:
    links = {link["rel"]: link["href"] for link in client.get(item).json()["links"]}
    found = client.get(links["photos"])
    assert found.json()["photos"] == [
        {
            "sha256": NAME,
            "role": "far",
            "held": True,
            "taken_at": None,
            "media_type": "image/jpeg",
            "width": 64,
            "height": 48,
            "href": f"{BASE}/photos/{NAME}",
        },
        {
            "sha256": name_of(photograph(1)),
            "role": "near",
            "held": False,
            "taken_at": None,
            "media_type": None,
            "width": None,
            "height": None,
            "href": f"{BASE}/photos/{name_of(photograph(1))}",
        },
    ]
    same = client.get(links["photos"], headers={"if-none-match": found.headers["etag"]})
    assert same.status_code == 304
    assert client.get(f"/collections/{LAYER}/items/999999/photos").status_code == 404


def test_the_ground_under_the_map_has_no_photographs(
    client: TestClient, registry: Registry
) -> None:
    made = client.post(
        "/collections/water/items", json=feature(registry.layer("water")), headers=GEOJSON
    )
    assert "photos" not in {link["rel"] for link in made.json()["links"]}


def test_no_file_that_leaves_has_photographs(client: TestClient, item: str) -> None:
    for form in FORMATS:
        for profile in ("internal", "public"):
            left = client.get(f"/collections/{LAYER}/export?f={form}&profile={profile}")
            assert left.status_code == 200
            assert NAME not in text(left)
            assert "photo" not in text(left).lower()


# --- who looked -----------------------------------------------------------------------------------
def test_looking_at_a_photograph_is_noted(
    client: TestClient, database: Database, item: str
) -> None:
    viewer = bearer(database, Role.VIEWER, EVERYWHERE)
    tag = client.get(f"/photos/{NAME}?size=160", headers=viewer).headers["etag"]
    client.get(f"/photos/{NAME}?size=160", headers={**viewer, "if-none-match": tag})
    client.get(f"/photos/{name_of(b'never')}", headers=viewer)
    with database.read() as connection:
        log = PERSONAL_READS.c
        lines = connection.execute(
            sa.select(log.way, log.layer, log.rows, log.format).where(log.way == "photo")
        ).all()
    assert lines == [("photo", LAYER, 1, "image/jpeg")]


def test_the_page_of_an_item_shows_them(client: TestClient, item: str) -> None:
    page = client.get(item, headers={"accept": "text/html"})
    shown = re.findall(r"<img [^>]*>", page.text.partition('<div class="compare">')[2])
    assert len(shown) == 1  # beside what is to come after
    assert f'src="/photos/{NAME}?size=480"' in shown[0]
    assert f"/photos/{NAME}?size=480 64w" in shown[0]  # no larger than it is
    assert re.search(r'alt="[^"]*：全景照片，第 1 张"', shown[0])
    assert f'<a href="/photos/{NAME}">' in page.text
    assert "还没有传到" in page.text
    assert name_of(photograph(1)) not in page.text
    assert "img-src 'self'" in page.headers["content-security-policy"]


# --- with a record from the field -----------------------------------------------------------------
@pytest.mark.parametrize("first", ["record", "photographs"])
def test_a_record_from_the_field_and_its_photographs(
    client: TestClient, database: Database, registry: Registry, first: str
) -> None:
    """As a phone sends them: an inspector, two photographs, in either order, twice."""
    lay_ground(database, registry)
    layer = registry.layer(LAYER)
    phone = bearer(database, Role.INSPECTOR, COMMUNITY)
    pictures = [photograph(n) for n in (1, 2)]
    names = [name_of(each) for each in pictures]
    listed = [
        {"sha256": name, "role": role} for name, role in zip(names, ("far", "near"), strict=True)
    ]
    body = json.dumps(record(layer, photos=listed)).encode()
    address = f"/collections/{LAYER}/items/{uuid4()}"

    def send() -> httpx2.Response:
        return client.put(address, content=body, headers=GEOJSON | phone)

    told = send() if first == "record" else None
    assert [put(client, each, **phone).status_code for each in pictures] == [201, 201]
    told = told or send()
    assert told.status_code == 201, told.text
    held = [] if first == "record" else names
    assert told.json()["photos"] == {"wanted": names, "held": held}
    assert [put(client, each, **phone).status_code for each in pictures] == [200, 200]
    again = send()
    assert (again.status_code, again.json()["photos"]) == (200, {"wanted": names, "held": names})
    shown = client.get(f"{address}/photos", headers=phone).json()["photos"]
    assert [(each["role"], each["held"]) for each in shown] == [("far", True), ("near", True)]
    neighbour = bearer(database, Role.INSPECTOR, NEIGHBOUR)
    for path in (f"{address}/photos", f"/photos/{names[0]}"):
        assert client.get(path, headers=phone).status_code == 200
        assert client.get(path, headers=neighbour).status_code == 404
