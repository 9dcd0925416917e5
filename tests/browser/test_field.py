"""The inspectors' app in a real Chromium, held like a phone: what it takes to log something, what
it does without a network, what it says when something is wrong."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from api.settings import Settings
from gis.cluster import Cluster
from layers.admission import sessions
from layers.declaring.people import Role
from layers.registry import Registry
from maps.pages import field as app_of
from tests.browser.axe import sideways, violations
from tests.browser.conftest import CHROMIUM, Site
from tests.browser.field_app import MARKET, PHONE, Phone, grounds, inside, phone, rows
from tests.maps.hostile import CORPUS

pytestmark = pytest.mark.browser

INTRANET = "grid.test"
Made = Callable[..., Phone]


@pytest.fixture(scope="module")
def site(
    cluster: Cluster,
    template: str,
    registry: Registry,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), hosts=[INTRANET])
    yield from grounds(cluster, template, registry, settings)


@pytest.fixture(scope="module", autouse=True)
def _patience() -> Iterator[None]:
    """Phones are slow, and so is a machine on which much is tested at once."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def held(chromium: Browser, site: Site) -> Iterator[Made]:
    """Makes phones; each must not have asked anybody else, nor have had an error of its script."""
    made: list[Phone] = []

    def make(**more: Any) -> Phone:
        made.append(phone(chromium, site, **more))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
        assert each.errors == []
    assert site.outside == []


# ---- logging --------------------------------------------------------------------------------
def test_three_taps_and_a_photo(held: Made, site: Site) -> None:
    own = held()
    page = own.open()
    place = inside(site)
    page.evaluate("addEventListener('click', () => (window.taps = (window.taps ?? 0) + 1), true)")
    page.locator(".fd-kind", has_text="巡查点位").tap()
    own.shoot()
    expect(page.locator(".fd-brief b")).to_have_text(place["name"])
    own.choose("暴露垃圾")
    page.locator(".fd-save").tap()
    expect(page.locator(".fd-toast[data-shown]")).to_have_text("已存在本机")
    assert page.evaluate("window.taps") == 3
    expect(own.state("暴露垃圾")).to_have_text("已收到")
    (came,) = own.submissions()
    assert came["layer"] == "sites"
    assert came["position"] == "measured"
    assert abs(came["lon"] - place["lon"]) < 1e-6
    assert came["field"] == place["code"]
    receipt = page.locator(".fd-entry-receipt")
    expect(receipt).to_contain_text(place["name"])
    expect(receipt).to_contain_text("期限")
    held_photos = rows(site, f"SELECT count(*) n FROM photo_uploads WHERE account = {own.account}")
    assert held_photos[0]["n"] == 1


def test_readings_are_averaged_by_their_accuracy(held: Made, site: Site) -> None:
    own = held()
    place = inside(site)
    step = 0.0001  # 11 m to the north
    own.at(place["lon"], place["lat"], 5)
    page = own.open()
    own.kind()
    shown = page.locator(".fd-fix")
    expect(shown).to_contain_text("1 次平均")
    own.at(place["lon"], place["lat"] + step, 10)
    expect(shown).to_contain_text("2 次平均")
    expect(shown).to_contain_text("误差约 6 米")
    own.shoot()
    own.choose("道路破损")
    own.save()
    expect(own.state("道路破损")).to_have_text("已收到")
    (came,) = own.submissions()
    assert came["readings"] == 2
    assert abs(came["lat"] - (place["lat"] + step / 5)) < 1e-7  # 4 parts to 1
    assert came["accuracy_m"] == 6


def test_a_coarse_position_is_told_and_a_finer_one_ends_that(held: Made, site: Site) -> None:
    own = held()
    place = inside(site)
    own.at(place["lon"], place["lat"], 38)
    page = own.open()
    own.kind()
    warning = page.get_by_text("误差 38 米，超过 20 米")
    expect(warning).to_be_visible()
    expect(page.locator(".fd-map-small path.fd-accuracy")).to_have_count(1)
    own.at(place["lon"], place["lat"], 7)
    expect(warning).to_have_count(0)
    expect(page.locator(".fd-brief-metres")).to_have_text("±7 米")


def test_a_place_pointed_out_is_kept_apart_from_the_measured_one(held: Made, site: Site) -> None:
    own = held()
    place = inside(site)
    page = own.open()
    own.kind()
    own.shoot()
    own.choose("乱堆杂物")
    page.get_by_text("在地图上指定").tap()
    expect(page.locator(".fd-map-large .leaflet-container, .fd-map-large .fd-map")).to_be_visible()
    page.wait_for_selector(".fd-map-large canvas.gf-tile")
    page.locator(".fd-map-large .fd-map").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(350)
    page.get_by_text("就是这里").tap()
    expect(page.get_by_text(re.compile("已在地图上指定 · 离测得的位置"))).to_be_visible()
    own.save()
    expect(own.state("乱堆杂物")).to_have_text("已收到")
    (came,) = own.submissions()
    assert came["position"] == "by_hand"
    assert abs(came["measured_lon"] - place["lon"]) < 1e-6
    assert came["lon"] - came["measured_lon"] > 1e-4


def test_without_a_position_a_reason_and_a_field_do(held: Made, site: Site) -> None:
    own = held(located=False)
    page = own.open()
    place = inside(site, 2)
    own.kind()
    expect(page.get_by_text("没有给定位权限").first).to_be_visible()
    own.shoot()
    own.choose("道路不洁")
    page.locator(".fd-save").tap()
    expect(page.locator(".fd-lacks")).to_have_text("还差：地点")
    page.get_by_text("定不了位").tap()
    page.get_by_label("为什么定不了位？").select_option("indoors")
    page.locator(".fd-save").tap()
    expect(page.locator(".fd-lacks")).to_have_text("还差：定不了位的原因和网格")
    page.get_by_label("在哪个网格？").select_option(place["code"])
    expect(page.locator(".fd-brief b")).to_have_text(place["name"])
    own.save()
    expect(own.state("道路不洁")).to_have_text("已收到")
    (came,) = own.submissions()
    assert (came["position"], came["no_fix"], came["field"]) == ("field", "indoors", place["code"])
    assert came["measured_lon"] is None


def test_a_checklist_is_done_with_large_buttons(held: Made, site: Site) -> None:
    own = held()
    page = own.open()
    own.kind(MARKET)
    own.shoot()
    page.get_by_label("市场").fill("林家崖早市")
    first = page.locator(".fd-check").first
    for button in first.locator("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["height"], box["width"]) >= 48
    page.locator(".fd-check").nth(1).get_by_text("有问题").tap()
    page.get_by_text("其余全部合格").tap()
    expect(page.get_by_text("其余全部合格")).to_be_disabled()
    own.save()
    expect(own.state(MARKET)).to_have_text("已收到")
    (stored,) = rows(site, "SELECT * FROM market_inspections")
    assert stored["result"] == "fault"
    assert list(stored.values()).count("fault") == 2  # the check and the result


def test_what_is_missing_is_named_and_nothing_is_sent(held: Made) -> None:
    own = held()
    page = own.open()
    own.kind()
    page.locator(".fd-save").tap()
    expect(page.locator(".fd-lacks")).to_have_text("还差：1 张照片、事项")
    assert page.locator("#part-photos[data-lacking]").count() == 1
    assert own.submissions() == []
    own.shoot()
    expect(page.locator(".fd-lacks")).to_have_text("还差：事项")


def test_what_is_perhaps_the_same_is_shown_before_it_is_saved(held: Made, site: Site) -> None:
    first, second = held(), held()
    place = inside(site, 4)
    for own in (first, second):
        own.at(place["lon"], place["lat"])
        own.open()
    first.log("绿地脏乱", 40)
    expect(first.state("绿地脏乱")).to_have_text("已收到")
    second.kind()
    second.shoot(41)
    second.choose("绿地脏乱")
    expect(second.page.locator(".fd-near")).to_contain_text("附近可能已经登记过")
    second.page.locator(".fd-save").tap()
    expect(second.page.locator("dialog")).to_contain_text("附近可能已经登记过")
    second.page.keyboard.press("Escape")
    expect(second.page.locator("dialog")).to_have_count(0)
    assert second.submissions() == []
    second.save()
    expect(second.state("绿地脏乱")).to_have_text("已收到")


def test_a_photograph_from_elsewhere_is_doubted(held: Made) -> None:
    own = held()
    page = own.open()
    own.kind()
    expect(page.locator(".fd-fix-good")).to_be_visible()
    own.shoot(told=True)
    expect(page.locator(".fd-doubt")).to_contain_text("第 1 张照片：拍摄位置离这里")


# ---- nothing is lost ------------------------------------------------------------------------
def test_a_cold_start_without_a_network(held: Made, site: Site) -> None:
    own = held()
    own.open()
    own.settled()
    own.kill()
    own.context.set_offline(True)
    page = own.open()
    place = inside(site)
    expect(page.locator(".fd-net")).to_be_visible()
    expect(page.get_by_text("件待办")).to_be_visible()
    own.kind()
    expect(page.locator(".fd-in")).to_contain_text(place["name"])
    expect(page.locator(".fd-in")).to_contain_text(f"网格长 {place['leader'][0]}")
    page.locator("#part-place").scroll_into_view_if_needed()
    painted = """() => [...document.querySelectorAll(".fd-map-small canvas.gf-tile")].some(
        (canvas) => new Set(canvas.getContext("2d").getImageData(0, 0, 256, 256).data).size > 8)"""
    for _ in range(50):
        if page.evaluate(painted):
            break
        page.wait_for_timeout(100)
    assert page.evaluate(painted), "the ground is drawn without a network"
    own.shoot(7)
    own.choose("积存垃圾渣土")
    own.save()
    expect(own.state("积存垃圾渣土")).to_have_text("在本机")
    assert own.submissions() == []
    own.kill()
    page = own.open("/field#/outbox")  # and once more, still without one
    expect(own.state("积存垃圾渣土")).to_have_text("在本机")
    own.context.set_offline(False)
    expect(own.state("积存垃圾渣土")).to_have_text("已收到")
    assert len(own.submissions()) == 1


def test_the_app_opens_offline_at_an_address_with_a_question(held: Made) -> None:
    own = held()
    own.open()
    own.settled()
    own.kill()
    own.context.set_offline(True)
    page = own.open("/field?lang=en")
    expect(page.locator("#kinds")).to_have_text("What did you find?")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_page_that_was_killed_goes_on_where_it_was(held: Made, site: Site) -> None:
    own = held()
    page = own.open()
    own.kind()
    own.shoot(11)
    own.choose("道路破损")
    expect(page.locator(".fd-fix-good")).to_be_visible()
    page.wait_for_timeout(600)
    own.kill()
    seen, now = inside(site), inside(site, 3)
    own.at(now["lon"], now["lat"])
    page = own.open()
    expect(page.get_by_text("有一条还没记完")).to_be_visible()
    page.get_by_text("接着记").tap()
    expect(page.locator(".fd-fix")).to_contain_text("测得")
    expect(page.locator(".fd-brief b")).to_have_text(seen["name"])  # where it was seen
    expect(page.locator(".fd-photo img")).to_have_count(1)
    assert page.locator(".fd-photo img").evaluate("image => image.decode().then(() => 1)") == 1
    expect(page.locator(".fd-choice[aria-pressed=true]")).to_have_text("道路破损")
    own.save()
    expect(own.state("道路破损")).to_have_text("已收到")
    own.go("")
    expect(page.get_by_text("有一条还没记完")).to_have_count(0)


def test_a_draft_is_thrown_away_only_when_that_is_meant(held: Made) -> None:
    own = held()
    page = own.open()
    own.kind()
    own.shoot(12)
    page.wait_for_timeout(600)
    own.go("")
    page.get_by_text("丢弃").tap()
    page.locator("dialog").get_by_text("返回").tap()
    expect(page.get_by_text("有一条还没记完")).to_be_visible()
    page.get_by_text("丢弃").first.tap()
    page.locator("dialog").get_by_text("丢弃", exact=True).tap()
    expect(page.get_by_text("有一条还没记完")).to_have_count(0)


def test_a_refusal_says_why_and_the_next_record_is_not_held_up(held: Made, site: Site) -> None:
    own = held()
    page = own.open()
    own.at(100.0, 36.0)  # far from everything
    own.kind()
    own.shoot(21)
    own.choose("非法占绿")
    expect(page.locator(".fd-in-none")).to_have_text("不在您的网格里")
    own.save()
    place = inside(site, 1)
    own.at(place["lon"], place["lat"])
    own.log("垃圾未分类", 22)
    expect(own.state("垃圾未分类")).to_have_text("已收到")
    refused = page.locator(".fd-entry-refused")
    expect(refused.locator(".fd-state")).to_have_text("被拒收")
    expect(refused).to_contain_text("服务器没有收下：")
    refused.get_by_text("修改后重发").tap()
    expect(page.locator(".fd-photo")).to_have_count(1)
    expect(page.locator(".fd-choice[aria-pressed=true]").first).to_contain_text("非法占绿")
    expect(page.locator(".fd-in-none")).to_be_visible()  # still where it was seen
    page.get_by_text("用现在的位置").tap()
    expect(page.locator(".fd-brief b")).to_have_text(place["name"])
    own.save()
    expect(own.state("非法占绿")).to_have_text("已收到")
    assert page.locator(".fd-entry").count() == 2


def test_a_session_that_has_ended_loses_nothing(held: Made, site: Site) -> None:
    own = held()
    page = own.open()
    own.known()
    with site.database.begin() as connection:
        sessions.revoke_all(connection, own.account)
    own.log("乱堆杂物", 31)
    expect(own.state("乱堆杂物")).to_have_text("在本机")
    expect(page.get_by_text("登录已过期。记录都还在本机")).to_be_visible()
    way = page.get_by_text("重新登录")
    assert way.get_attribute("href") == "/auth/sign-in?next=%2Ffield"


def test_signing_out_leaves_only_what_is_to_be_sent(held: Made, site: Site) -> None:
    own = held()
    page = own.open()
    own.settled()
    own.context.route("**/collections/**", lambda route: route.abort())
    own.log("道路破损", 35)
    own.go("settings")
    with page.expect_navigation():
        page.get_by_text("退出登录").tap()
    own.kill()
    page = own.open("/field#/outbox")
    expect(own.state("道路破损")).to_have_text("在本机")
    own.go("")
    expect(page.get_by_text("登录已过期。记录都还在本机")).to_be_visible()
    for secret in ("张三", inside(site)["name"]):
        assert secret not in page.inner_text("body")
    names = page.evaluate("caches.keys()")
    assert not [name for name in names if name.startswith("gridfield-tiles")]


def test_the_outbox_can_be_taken_out(held: Made) -> None:
    own = held()
    own.open()
    own.log("道路不洁", 51)
    own.go("outbox")
    with own.page.expect_download() as download:
        own.page.get_by_text("导出待发箱").tap()
    assert download.value.suggested_filename.endswith(".zip")
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_a_new_version_waits_until_it_is_asked_for(
    held: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = held()
    own.open()
    own.settled()
    own.context.set_offline(True)
    own.log("暴露垃圾", 61)
    own.kind()
    own.shoot(62)
    own.page.wait_for_timeout(600)
    monkeypatch.setattr(app_of, "_KEPT", (*app_of._KEPT, "page.css"))
    own.context.route("**/collections/**", lambda route: route.abort())
    own.context.set_offline(False)
    own.page.evaluate("navigator.serviceWorker.getRegistration('/field').then((r) => r.update())")
    expect(own.page.get_by_text("新版本已就绪")).to_be_visible()
    expect(own.page.locator(".fd-photo")).to_have_count(1)  # nothing was exchanged under the hand
    with own.page.expect_navigation():
        own.page.get_by_text("现在更新").tap()
    own.page.wait_for_selector("#field[data-ready]")
    expect(own.page.locator(".fd-photo")).to_have_count(1)
    expect(own.state("暴露垃圾")).to_have_count(1)
    kept = own.page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then("
        "(cache) => cache.keys())))).then((all) => all.flat().map(({ url }) => url))"
    )
    assert any("/page.css" in url for url in kept)


def test_a_worker_is_never_installed_with_the_door_for_a_shell(held: Made, site: Site) -> None:
    own = held()
    page = own.context.new_page()
    page.goto(site.address + "/collections")
    own.context.clear_cookies()
    became = page.evaluate(
        """async () => {
          const { installing } = await navigator.serviceWorker.register("/field/worker.js",
            { scope: "/field" });
          for (let n = 0; n < 300 && installing.state === "installing"; n++)
            await new Promise((resolve) => setTimeout(resolve, 100));
          return installing.state;
        }"""
    )
    assert became == "redundant"


# ---- who, and with what ---------------------------------------------------------------------
def test_a_role_that_may_not_log_is_told_so(chromium: Browser, site: Site) -> None:
    own = phone(chromium, site, role=Role.VIEWER)
    page = own.context.new_page()
    answer = page.goto(site.address + "/field")
    assert answer is not None
    assert answer.status == 403
    own.context.close()


def test_over_plain_http_it_says_what_that_means_and_works(
    playwright: Playwright, site: Site
) -> None:
    rules = f"--host-resolver-rules=MAP {INTRANET} 127.0.0.1"
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=[*CHROMIUM, rules]
    )
    try:
        elsewhere = replace(site, address=site.address.replace("127.0.0.1", INTRANET), outside=[])
        own = phone(browser, elsewhere)
        page = own.open()
        assert page.evaluate("isSecureContext") is False
        expect(page.get_by_text("这个地址不是 https").first).to_be_visible()
        own.kind()
        own.shoot(71)
        own.choose("道路破损")
        page.get_by_text("定不了位").tap()
        page.get_by_label("在哪个网格？").select_option(inside(site)["code"])
        own.save()
        expect(own.state("道路破损")).to_have_text("已收到")
        own.go("settings")
        expect(page.get_by_text("没有网络时打不开：地址不是 https")).to_be_visible()
        assert own.errors == []
    finally:
        browser.close()


def test_chromium_would_install_it(
    playwright: Playwright, site: Site, tmp_path: Path, chromium: Browser
) -> None:
    """In a profile of its own: nothing is installed from a window that forgets everything."""
    own = phone(chromium, site)
    cookies = own.context.cookies()
    own.context.close()
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=shutil.which("chromium"), args=CHROMIUM, viewport=PHONE
    )
    try:
        context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave, it takes
        page = context.pages[0]
        page.goto(site.address + "/field", wait_until="networkidle")
        page.wait_for_selector("#field[data-ready]")
        found = context.new_cdp_session(page)
        assert found.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        manifest = found.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert manifest["url"].endswith("/field/manifest.webmanifest")
    finally:
        context.close()


# ---- hostile texts --------------------------------------------------------------------------
def test_hostile_texts_stay_texts(chromium: Browser, site: Site) -> None:
    own = phone(chromium, site, service_workers="block")
    text = " ".join(CORPUS[6:13])

    def pack(route: Route) -> None:
        told = json.loads(route.fetch().text())
        told["me"] |= {"name": text, "division_name": text}
        told["matters"] = [{"code": "06010", "label": {"zh": text, "en": text}}]
        for form in told["forms"]:
            form["label"] = {"zh": text, "en": text}
            for each in form["fields"]:
                each["label"] = {"zh": text, "en": text}
        for feature in (*told["fields"]["features"], *told["open"]["features"]):
            feature["properties"] |= {"name": text, "leader": text, "title": text}
        route.fulfill(json=told)

    def refuse(route: Route) -> None:
        found = [{"rule": text, "sentence": text, "column": text}]
        problem = {"type": "/problems/x", "title": text, "detail": text, "findings": found}
        body = json.dumps({**problem, "status": 422})
        route.fulfill(status=422, content_type="application/problem+json", body=body)

    own.context.route("**/field/pack", pack)
    own.context.route("**/collections/sites/items/*", refuse)
    page = own.open()
    page.on("dialog", lambda dialog: own.errors.append(dialog.message))
    for route in ("", "cases", "new/sites"):
        own.go(route)
        expect(page.locator("main")).to_contain_text(text.split()[0])
    own.shoot(81)
    page.locator(".fd-choose-many .fd-choice").first.tap()
    own.save()
    own.go("outbox")
    expect(page.locator(".fd-entry-refused")).to_be_visible()
    assert "<img src=x" in page.inner_text(".fd-entry-reason")
    assert page.locator("img[src=x], main script, main svg[onload]").count() == 0
    assert own.errors == []
    own.context.close()


# ---- looks ----------------------------------------------------------------------------------
def _screens(own: Phone) -> Iterator[tuple[str, Page]]:
    page = own.open()
    yield "start", page
    own.kind()
    expect(page.locator(".fd-fix")).to_be_visible()
    own.shoot(91, told=True)
    page.locator(".fd-save").tap()  # in vain: what is missing is marked
    yield "record", page
    page.get_by_text("定不了位").tap()
    yield "without a fix", page
    page.get_by_text("改用定位").tap()
    page.get_by_text("在地图上指定").tap()
    page.wait_for_selector(".fd-map-large canvas.gf-tile")
    yield "map", page
    page.go_back()
    own.kind(MARKET)
    page.locator(".fd-check").nth(1).get_by_text("有问题").tap()
    yield "checklist", page
    own.at(100.0, 36.0)
    own.kind()
    yield "begun before", page
    page.get_by_text("用现在的位置").tap()
    expect(page.locator(".fd-in-none")).to_be_visible()
    yield "outside", page
    own.choose("道路破损")
    own.save()
    expect(own.state("道路破损")).to_have_text("被拒收")
    own.context.set_offline(True)
    own.log("暴露垃圾", 93)
    own.go("outbox")
    expect(page.locator(".fd-entry")).to_have_count(2)
    yield "outbox", page
    for route in ("cases", "settings", ""):
        own.go(route)
        page.wait_for_timeout(250)
        yield route or "start offline", page
    page.get_by_text("丢弃").first.tap()
    yield "question", page


@pytest.mark.parametrize("dark", [False, True])
def test_every_screen_is_accessible_and_fits_a_thumb(held: Made, *, dark: bool) -> None:
    own = held(dark=dark)
    for name, page in _screens(own):
        assert violations(page) == [], name
        assert sideways(page) <= 0, name
        small = page.evaluate(
            """() => [...document.querySelectorAll(
                 "a[href], button, select, textarea, input:not([type=checkbox], [type=file])")]
               .filter((each) => each.offsetParent && !each.closest("[aria-hidden=true]"))
               .map((each) => [each.outerHTML.slice(0, 120), each.getBoundingClientRect()])
               .filter(([, { width, height }]) => width < 44 || height < 44)
               .map(([html]) => html)"""
        )
        assert small == [], name


def test_the_language_and_the_look_are_the_readers_own(held: Made) -> None:
    own = held()
    page = own.open("/field#/settings")
    page.get_by_text("English").tap()
    expect(page.locator("h1")).to_have_text("Settings")
    page.get_by_text("Dark").tap()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    own.kill()
    page = own.open()
    expect(page.locator("#kinds")).to_have_text("What did you find?")
    assert page.evaluate("document.documentElement.dataset.look") == "dark"
