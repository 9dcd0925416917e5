"""A phone's outbox from a file: taken in once, and hostile files harm nothing."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from api.outboxes import Outcome, Way, take_in
from gis.errors import Problem
from gis.postgis import Database
from layers.alike import near
from layers.declaring.people import Actor, Role
from layers.photos import store as photo_store
from layers.registry import Registry
from layers.submissions import outbox_file
from tests import people, records

UUID = "0191d3c4-6b1e-7c2a-8f00-1234567890ab"
Line = dict[str, Any]
Bend = Callable[[Line], Line | bytes]


def photo(shade: int = 9) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 2, 3)).save(out, "JPEG")
    return out.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


PHOTO = photo()


def line(owner: int | None, **other: object) -> Line:
    """A line as the phone writes it; of its body, `other` are members."""
    body = json.dumps(records.record("sites") | {"photos": [_wanted(PHOTO)]} | other)
    return {
        "uuid": UUID,
        "layer": "sites",
        "title": "绿化",
        "owner": owner,
        "body": body,
        "sha256": digest(body.encode()),
    }


def _wanted(content: bytes) -> dict[str, str]:
    return {"sha256": digest(content), "role": "far"}


def packed(path: Path, *lines: Line | bytes, photos: tuple[bytes, ...] = (PHOTO,)) -> Path:
    rows = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in lines]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("outbox.json", '{"format": "gridfield-outbox", "version": 1}')
        archive.writestr("records.jsonl", b"".join(row + b"\n" for row in rows))
        for content in photos:
            archive.writestr(f"photos/{digest(content)}.jpg", content)
    return path


@pytest.fixture
def way(database: Database, registry: Registry, tmp_path: Path) -> Way:
    records.lay_ground(database, registry)
    account = people.account(database, Role.INSPECTOR, records.COMMUNITY)
    logged = (layer for layer in registry.layers.values() if layer.logged)
    return Way(
        database=database,
        registry=registry,
        actor=Actor(account.id, None, account.name, account.role, account.division, "cli"),
        store=photo_store.opened(str(tmp_path / "photos")),
        reaches={layer.name: near.reach(layer) for layer in logged},
        photo_bytes=1_000_000,
        photo_pixels=1_000_000,
    )


def taken(way: Way, path: Path) -> list[Outcome]:
    with outbox_file.opened(path) as file:
        return list(take_in(way, file))


def counted(way: Way) -> tuple[int, int, int]:
    statement = "SELECT (SELECT count(*) FROM submissions), (SELECT count(*) FROM sites),"
    with way.database.read() as connection:
        row = connection.execute(sa.text(f"{statement} (SELECT count(*) FROM photos)")).one()
    return row[0], row[1], row[2]


def test_a_file_is_taken_in_once_however_often(way: Way, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", line(way.actor.account_id))
    first, second = taken(way, path), taken(way, path)
    assert [(o.new, o.whole, o.photos, o.title) for o in first] == [(True, True, 1, "绿化")]
    assert [(o.new, o.whole, o.photos) for o in second] == [(False, True, 1)]
    assert counted(way) == (1, 1, 1)


def test_a_photo_that_the_file_lacks_may_be_here_already(way: Way, tmp_path: Path) -> None:
    lacking = packed(tmp_path / "a.zip", line(way.actor.account_id), photos=())
    (before,) = taken(way, lacking)
    assert (before.new, before.whole, before.photos) == (True, False, 0)
    assert [problem.rule.slug for problem in before.without] == ["outbox-photo"]
    (whole,) = taken(way, packed(tmp_path / "b.zip", line(way.actor.account_id)))
    (after,) = taken(way, lacking)
    assert (whole.photos, after.photos, after.whole) == (1, 1, True)


REFUSED: dict[str, tuple[Bend, str]] = {
    "no JSON": (lambda _: b"{", "outbox-record"),
    "no object": (lambda _: b"[]", "outbox-record"),
    "empty": (lambda _: b"", "outbox-record"),
    "deep": (lambda _: b"[" * 100_000, "outbox-record"),
    "no UTF-8": (lambda _: b'{"uuid": "\xff"}', "outbox-record"),
    "another text": (lambda row: row | {"body": row["body"] + " "}, "outbox-record"),
    "no hash": (lambda row: row | {"sha256": None}, "outbox-record"),
    "no body": (lambda row: row | {"body": 7}, "outbox-record"),
    "half a character": (lambda row: row | {"body": "\ud800"}, "outbox-record"),
    "no layer": (lambda row: row | {"layer": None}, "outbox-record"),
    "a strange layer": (lambda row: row | {"layer": "x" * 500}, "unknown-layer"),
    "a layer of others": (lambda row: row | {"layer": "divisions"}, "layer-not-logged"),
    "an old name": (lambda row: row | {"uuid": UUID.upper()}, "record-name"),
    "a path": (lambda row: row | {"uuid": "../" * 99}, "record-name"),
    "of somebody else": (lambda row: row | {"owner": 1_000_000}, "other-account"),
    "an owner by name": (lambda row: row | {"owner": "1"}, "outbox-record"),
}


@pytest.mark.parametrize(("bend", "slug"), REFUSED.values(), ids=REFUSED)
def test_a_bad_line_is_told_and_holds_up_none(
    way: Way, tmp_path: Path, bend: Bend, slug: str
) -> None:
    good = line(way.actor.account_id)
    bad = bend(dict(good))
    outcomes = taken(way, packed(tmp_path / "a.zip", bad, good))
    assert [outcome.number for outcome in outcomes] == [1, 2]
    assert outcomes[0].refused is not None
    assert outcomes[0].refused.rule.slug == slug
    assert outcomes[1].new
    assert counted(way) == (1, 1, 1)


def test_what_put_refuses_is_refused_and_nothing_is_stored(way: Way, tmp_path: Path) -> None:
    far = line(way.actor.account_id, geometry={"type": "Point", "coordinates": [100.0, 30.0]})
    large = line(way.actor.account_id, more="x" * 300_000)
    outcomes = taken(way, packed(tmp_path / "a.zip", far, large))
    slugs = [outcome.refused and outcome.refused.rule.slug for outcome in outcomes]
    assert slugs == ["record-elsewhere", "body-too-large"]
    assert counted(way) == (0, 0, 0)


def test_a_photo_that_is_another_or_none_or_too_large_is_told(way: Way, tmp_path: Path) -> None:
    other, none = photo(99), b"no picture"
    large = photo() + b"\0" * 1_000_001
    wanted = {"photos": [_wanted(content) for content in (PHOTO, none, large)]}
    path = packed(tmp_path / "a.zip", line(way.actor.account_id, **wanted), photos=(none, large))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"photos/{digest(PHOTO)}.jpg", other)
    (outcome,) = taken(way, path)
    slugs = [problem.rule.slug for problem in outcome.without]
    assert slugs == ["photo-other", "photo-unreadable", "outbox-record"]
    assert counted(way) == (1, 1, 0)


def test_whoever_may_not_log_brings_nothing_in(way: Way, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", line(None))
    viewer = people.account(way.database, Role.VIEWER, records.COMMUNITY)
    actor = Actor(viewer.id, None, viewer.name, viewer.role, viewer.division, "cli")
    other = Way(**{f: getattr(way, f) for f in Way.__slots__} | {"actor": actor})
    with pytest.raises(Problem, match="forbidden"):
        taken(other, path)


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


ABOUT = b'{"format": "gridfield-outbox", "version": 1}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        photo(),
        _zip(a_txt=b""),
        _zip(outbox_json=ABOUT),
        _zip(outbox_json=b"[]", records_jsonl=b""),
        _zip(outbox_json=ABOUT.replace(b"1", b"2"), records_jsonl=b""),
        _zip(outbox_json=b"[" * 70_000, records_jsonl=b""),
        _zip(outbox_json=ABOUT, records_jsonl=b"{}\n")[:-20],
    ],
)
def test_what_is_no_outbox_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(Problem, match="outbox-unreadable"), outbox_file.opened(path):
        raise AssertionError


def test_a_member_that_is_damaged_is_told_when_it_is_read(way: Way, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", line(way.actor.account_id))
    content = path.read_bytes()
    assert content.count(PHOTO) == 1
    path.write_bytes(content.replace(PHOTO, PHOTO[:-1] + b"\0"))
    (outcome,) = taken(way, path)
    assert [problem.rule.slug for problem in outcome.without] == ["outbox-record"]
