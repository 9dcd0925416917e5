"""The portal: true figures, one card for each theme, and what to do when there is nothing."""

import re
from dataclasses import replace
from datetime import date

from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.duties.places import Place
from layers.registry import Registry, build
from layers.serving.summaries import Summary
from maps import figures
from maps.pages.beside import POLICY
from maps.pages.portal import Duty, Own, portal, synthetic
from maps.templating import Visit
from tests.factories import BENCHES
from tests.maps.hostile import Parsed

LEADER = Actor(3, 5, "马晓燕", Role.LEADER, "630102007001", "test")
ADMIN = replace(LEADER, role=Role.ADMIN)


def summary(count: int, *sources: str, alerts: int = 0, **measures: float) -> Summary:
    return Summary(
        count=count, bounds=None, classes={}, alerts=alerts, measures=measures, sources=sources
    )


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", "".join(text for _, text in Parsed(html).texts))


def test_cards_show_counts_and_measures(registry: Registry) -> None:
    html = portal(
        registry,
        "zh",
        {
            "grid_fields": summary(40, leaders=16.0, households=12345.0, unowned=2.0),
            "illegal_structures": summary(7, measured=1480.0, demolished=1480.0),
            "road_segments": summary(85, length=12.4321, leaders=4.0, uncovered=0.0),
        },
    )
    read = text_of(html)
    assert "40块 网格责任田" in read
    assert "网格长 16人" in read
    assert "户数 12,345户" in read
    assert "无网格长 2块" in read
    assert "7处 违法建设" in read
    assert "实测面积 1,480㎡" in read
    assert "总长 12.4公里" in read
    assert "未落实" not in read  # nothing is missing there, so nothing is said


def test_english_is_a_switch_away(registry: Registry) -> None:
    html = portal(registry, "en", {"grid_fields": summary(40)}, visit=Visit({"x": "1"}))
    assert '<html lang="en">' in html
    assert "40 fields" in text_of(html)
    assert ("a", "href", "?x=1&lang=zh") in Parsed(html).values


def test_every_theme_has_a_card_with_its_own_picture(registry: Registry) -> None:
    html = portal(registry, "zh", {})
    cards = re.findall(r'<li class="card.*?(?=<li class="card|</section>)', html, re.DOTALL)
    assert len(cards) == len(registry.themes)
    pictures = [re.search(r"<svg.*?</svg>", card, re.DOTALL) for card in cards]
    assert len({found[0] for found in pictures if found}) == len(cards)
    for name, card in zip(registry.themes, cards, strict=True):
        assert f'href="/maps/{name}"' in card


def test_the_paints_of_a_theme_are_in_its_picture(registry: Registry) -> None:
    html = portal(build([BENCHES, registry.layer("road_segments")]), "zh", {})
    for paint in registry.layer("road_segments").paints:
        assert paint.colour in html


def test_an_empty_system_says_what_to_do_first(registry: Registry) -> None:
    read = text_of(portal(registry, "zh", {}, visit=Visit(actor=ADMIN)))
    assert "gridfield import grid_fields" in read
    assert read.count("还没有数据") == len(registry.themes)
    waiting = text_of(portal(registry, "zh", {}, visit=Visit(actor=LEADER)))
    assert "请管理员先导入" in waiting
    assert "gridfield import" not in waiting
    filled = text_of(portal(registry, "zh", {"courtyards": summary(5)}))
    assert "gridfield import" not in filled


def test_invented_data_are_named_as_such(registry: Registry) -> None:
    assert "虚构" not in text_of(portal(registry, "zh", {"courtyards": summary(5, "普查")}))
    told = text_of(portal(registry, "zh", {"courtyards": summary(5, "合成演示数据")}))
    assert "演示数据" in told
    assert synthetic([summary(1, "Synthetic demo data")])
    assert not synthetic([summary(1)])


def test_the_foot_shows_the_approval_or_says_internal(registry: Registry) -> None:
    assert "内部资料" in text_of(portal(registry, "zh", {}))
    assert "审图号：青S(2026)1号" in text_of(portal(registry, "zh", {}, approval="青S(2026)1号"))


def test_the_question_is_a_form_that_works_without_a_script(registry: Registry) -> None:
    parsed = Parsed(portal(registry, "zh", {}))
    assert ("form", "action", "/here") in parsed.values
    assert ("input", "name", "q") in parsed.values
    assert "script" not in {tag for tag, _ in parsed.tags}


def test_the_reader_is_greeted_with_what_is_their_own(registry: Registry) -> None:
    place = Place(layer="grid_fields", feature=7, title="七", detail="", lon=101.8, lat=36.62)
    own = Own(
        "蓝天社区",
        (
            Duty("网格长", "第七<b>网格", "网格责任田", date(2026, 3, 1), place),
            Duty("联点领导", "互助中路", "责任路段", date(2026, 3, 1), None),
        ),
    )
    html = portal(registry, "zh", {}, own=own, visit=Visit(actor=LEADER))
    read = text_of(html)
    assert "马晓燕，您好" in read
    assert "网格长 · 蓝天社区" in read
    assert "第七<b>网格" in read
    assert "互助中路" in read
    links = [v for tag, name, v in Parsed(html).values if (tag, name) == ("a", "href")]
    assert "/here?lon=101.800000&lat=36.620000" in links
    assert f"/duties?person={LEADER.person_id}" in links
    assert "我负责的" not in text_of(portal(registry, "zh", {}, visit=Visit(actor=LEADER)))


def test_the_menu_offers_what_the_role_may_use(registry: Registry) -> None:
    def menu(actor: Actor | None) -> list[str]:
        html = portal(registry, "zh", {}, visit=Visit(actor=actor))
        return re.findall(r'href="([^"]+)"', html.partition("<nav")[2].partition("</nav>")[0])

    everybody = ["/", "/here", "/ledger", "/collections", "/duties", "/reports", "/docs"]
    assert menu(None) == ["/docs"]
    assert menu(replace(LEADER, role=Role.VIEWER)) == everybody
    assert menu(LEADER) == [*everybody[:5], "/dashboard", "/reports", "/people", "/docs"]
    assert {*menu(LEADER), "/import"} <= {*menu(ADMIN)}
    assert 'action="/auth/sign-out"' in portal(registry, "zh", {}, visit=Visit(actor=LEADER))
    assert 'action="/auth/sign-out"' not in portal(registry, "zh", {})


def test_the_portal_keeps_to_its_policy_and_asks_nobody_outside(registry: Registry) -> None:
    html = portal(registry, "zh", {})
    assert "unsafe" not in POLICY
    parsed = Parsed(html)
    assert "style" not in {tag for tag, _ in parsed.tags}
    names = {name for _, attributes in parsed.tags for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}
    assert not re.search(r"<script>", html)
    assert not re.search(r"""\w+://|["'(=]\s*//""", html)
    assert portal(registry, "zh", {}) == html


def test_a_later_layer_has_its_card() -> None:
    registry = build([BENCHES])
    read = text_of(portal(registry, "zh", {"benches": summary(1234)}))
    assert "1,234个 长椅" in read


def test_figures_are_written_for_reading(registry: Registry) -> None:
    assert [figures.number(x) for x in (0, 7, 1480.0, 12.449, 1_234_567.0)] == [
        "0",
        "7",
        "1,480",
        "12.4",
        "1,234,567",
    ]
    roads: Layer = registry.layer("road_segments")
    short = next(iter(figures.measures(roads, summary(1, length=0.256), "en")))
    assert (short.value, short.unit) == ("0.26", "km")
    assert list(figures.measures(roads, summary(0), "zh")) == []
