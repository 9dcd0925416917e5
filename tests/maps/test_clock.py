"""Moments are told in the time of the place, not in that of the server."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import maps
from layers.photos.bringing import Photo
from maps import clock, templating
from maps.pages.photos import shots
from maps.words.wording import words

EVENING = datetime(2017, 6, 30, 17, 5, tzinfo=UTC)


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Shanghai"])
def _server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as around:
        around.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_server")
def test_a_moment_is_of_the_place_wherever_the_server_stands() -> None:
    assert clock.moment_of(EVENING) == "2017-07-01 01:05"


@pytest.mark.usefixtures("_server")
def test_a_photograph_was_taken_at_the_time_of_the_place() -> None:
    photo = Photo("a" * 64, "near", EVENING, True, "image/jpeg", 800, 600)
    said = words("photos", "zh")
    listed = templating.ENVIRONMENT.get_template("shots.html").module.shots_list
    told = listed([*shots([photo], "楼院", "zh")], said)
    assert f'<time datetime="{EVENING.isoformat()}">2017-07-01 01:05</time>' in told


def test_no_page_asks_the_server_s_own_clock() -> None:
    folder = Path(maps.__file__).parent
    for path in (*folder.glob("*.py"), *folder.glob("templates/*.html")):
        assert "astimezone()" not in path.read_text(encoding="utf-8"), path.name
