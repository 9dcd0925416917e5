"""The pages of the import dialogue: complete, without scripts, inert whatever a file says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import pytest
import shapely

from gis.belief import Basis, Belief
from gis.datum import Datum
from gis.errors import Finding, Problem
from gis.files import Source
from gis.refusals.files import CRS_GUESSED, FILE_CRS, FILE_LAYERS, FILE_UNREADABLE
from layers.arriving.batches import Batch
from layers.arriving.columns import match
from layers.arriving.datum_evidence import Candidate, DatumEvidence
from layers.arriving.examination import Counts, Examination, GoneFeature, Options, State
from layers.declaring.words import Layer
from layers.refusals.imports import COLUMN_MISSING
from layers.refusals.values import VALUE_CHOICE
from layers.registry import Registry
from maps import crs_choices, import_features
from maps.pages import importing as import_pages
from maps.pages.import_draft import Seen, Told, Upload
from maps.pages.importing import Around, Form, Left, Loaded
from tests.maps.hostile import CORPUS, Parsed, shown
from tests.maps.test_portal import text_of

TOKEN = "t" * 43
NOTHING = Around()
BELIEF = Belief(
    crs="EPSG:4326",
    crs_basis=Basis.ASSUMED,
    datum=Datum.WGS84,
    datum_basis=Basis.ASSUMED,
    encoding="gb18030",
    part="一季度",
    parts=("一季度", "二季度"),
    heading=2,
)
EVIDENCE = DatumEvidence(
    (
        Candidate(Datum.WGS84, 1.0, 0.0, 0),
        Candidate(Datum.GCJ02, 0.9, 163.2, 3),
        Candidate(Datum.BD09, 0.1, 981.0, 0),
    ),
    known=4,
)
DOUBT = Finding(FILE_UNREADABLE, values={"name": "a", "reason": "b", "reason_zh": "c"})
BATCH = Batch(
    number=7,
    layer="illegal_structures",
    file="台账.xlsx",
    sha256="f" * 64,
    loaded_at=datetime(2017, 7, 21, 9, 30, tzinfo=UTC),
    loaded_by="王芳",
    account=3,
    rows=12,
    new=9,
    changed=2,
    unchanged=0,
    skipped=0,
    refused=1,
    deleted=0,
    belief=BELIEF.record(),
    undone_at=None,
)


def upload(layer: Layer, name: str = "台账.xlsx") -> Upload:
    return Upload(TOKEN, name, 2_400_000, layer)


def source(columns: Sequence[str], values: Sequence[object], belief: Belief = BELIEF) -> Source:
    points = [shapely.Point(101.82 + 0.001 * n, 36.62) for n in range(3)]
    frame = gpd.GeoDataFrame(
        {name: [values[n]] * 3 for n, name in enumerate(columns)}, geometry=points, crs=4326
    )
    return Source("台账.xlsx", frame, tuple(columns), belief)


def examined(
    layer: Layer,
    text: str = "x",
    *,
    findings: Sequence[Finding] = (),
    doubts: Sequence[Finding] = (),
    belief: Belief = BELIEF,
) -> Examination:
    file = source(["编号", "状态", f"{text}!"], [text, text, text], belief)
    refused = {finding.row for finding in findings}
    states = [State.REFUSED if n in refused else State.NEW for n in (1, 2, 3)]
    return Examination(
        layer=layer,
        source=file,
        options=Options(),
        matched=match(layer, file.columns, {}),
        states=states,
        findings=tuple(findings),
        suppressed=0,
        notes=(),
        gone=(GoneFeature(5, text, text),),
        evidence=EVIDENCE if doubts else None,
        doubts=tuple(doubts),
        counts=Counts(3, states.count(State.NEW), 0, 0, 0, len(refused), 1),
    )


def fault(text: str = "拆了") -> Finding:
    return Finding(VALUE_CHOICE, 2, "状态", {"value": text, "allowed": text, "nearest": text})


def page(
    seen: Seen, layer: Layer, lang: str = "zh", around: Around = NOTHING, name: str = "台账.xlsx"
) -> str:
    return import_pages.draft("zh" if lang == "zh" else "en", upload(layer, name), seen, around)


@pytest.fixture
def cases(registry: Registry) -> Layer:
    return registry.layer("illegal_structures")


def every_page(registry: Registry, text: str) -> Iterator[str]:
    """Each page in each of its states, with a text of the file wherever a file has one."""
    layer = registry.layer("illegal_structures")
    belief = replace(BELIEF, part=text, parts=(text, f"{text}2"), crs=text)
    told = Told(encoding=text, part=text, transform=text, map=(f"number={text}!",))
    batch = replace(BATCH, file=text, belief=belief.record(), loaded_by=text)
    examination = examined(layer, text, findings=[fault(text)], belief=belief)
    crs = {"crs": text, "confidence": 0.5, "reason": text, "reason_zh": text}
    asked = [
        Problem(FILE_LAYERS, name=text, layers=text, parts=(text, "b")),
        Problem(FILE_CRS, name=text, findings=[Finding(CRS_GUESSED, values=crs)]),
        Problem(FILE_UNREADABLE, name=text, reason=text, reason_zh=text),
    ]
    around = Around((text,), 101.8, range(1, 30))
    for lang in ("zh", "en"):
        reader = "zh" if lang == "zh" else "en"
        yield import_pages.start(registry, reader, Form(text, 200), [batch])
        for problem in asked:
            yield page(Seen(told, trouble=problem), layer, lang, around, text)
        missing = Problem(COLUMN_MISSING, name=text, names=text)
        file = source([text, "b"], [text, text], belief)
        fitting = told.fitting(layer, file.columns)
        yield page(Seen(fitting, file, trouble=missing), layer, lang, around, text)
        yield page(Seen(told, examination.source, examination), layer, lang, around, text)
        open_datum = examined(layer, text, doubts=[DOUBT], belief=belief)
        yield page(Seen(told, open_datum.source, open_datum), layer, lang, around, text)
        yield import_pages.batches(registry, reader, [batch], older="/import/batches?before=7")
        trouble = Problem(FILE_UNREADABLE, name=text, reason=text, reason_zh=text)
        left = Left(TOKEN, [".xlsx"])
        yield import_pages.batch(registry, reader, Loaded(batch, left, trouble))
        undone = replace(batch, undone_at=BATCH.loaded_at)
        yield import_pages.batch(registry, reader, Loaded(undone))


def test_no_page_has_anything_inline_or_from_outside(registry: Registry) -> None:
    for html in every_page(registry, "台账"):
        parsed = Parsed(html)
        assert "style" not in {tag for tag, _ in parsed.tags}
        assert not "".join(parsed.text_of("script")).strip()
        names = {name for _, attributes in parsed.tags for name in attributes}
        assert not {name for name in names if name == "style" or name.startswith("on")}
        assert not re.search(r"""\w+://|["'(=]\s*//""", html)


def test_every_page_has_one_title_and_one_first_heading_and_no_id_twice(
    registry: Registry,
) -> None:
    for html in every_page(registry, "台账"):
        parsed = Parsed(html)
        tags = [tag for tag, _ in parsed.tags]
        assert tags.count("h1") == tags.count("title") == tags.count("main") == 1
        ids = [value for _, name, value in parsed.values if name == "id"]
        assert len(ids) == len(set(ids))


def test_every_control_has_a_label(registry: Registry) -> None:
    for html in every_page(registry, "台账"):
        labelled = {
            value for tag, name, value in Parsed(html).values if (tag, name) == ("label", "for")
        }
        for control in re.findall(r"<(?:select|input)\b[^>]*>", html):
            kind = re.search(r'type="(\w+)"', control)
            if kind and kind[1] in {"hidden", "radio", "checkbox"}:  # these stand in their label
                continue
            found = re.search(r'id="([^"]+)"', control)
            assert found
            assert found[1] in labelled


@pytest.fixture(scope="module")
def plain_tags(registry: Registry) -> list[list[str]]:
    return [[tag for tag, _ in Parsed(html).tags] for html in every_page(registry, "台账")]


@pytest.mark.parametrize("text", CORPUS)
def test_whatever_a_file_says_stays_text(
    registry: Registry, plain_tags: list[list[str]], text: str
) -> None:
    for html, tags in zip(every_page(registry, text), plain_tags, strict=True):
        parsed = Parsed(html)
        assert [tag for tag, _ in parsed.tags] == tags
        assert "{{" not in html
        assert "{%" not in html
        assert not {name for _, names in parsed.tags for name in names if name.startswith("on")}
    assert shown(text)[:100] in " ".join(content for _, content in parsed.texts) or len(text) > 120


def test_beliefs_stand_with_their_reasons_and_what_corrects_them(cases: Layer) -> None:
    examination = examined(cases)
    html = page(Seen(Told(), examination.source, examination), cases)
    read = text_of(html)
    assert "GB18030" in read
    assert "第 2 行" in read
    assert "文件没有说，是推断的" in read
    named = {value for tag, name, value in Parsed(html).values if name == "name" and tag != "meta"}
    assert {"encoding", "part", "heading", "crs", "epsg", "transform", "datum", "map"} <= named
    assert {"on_conflict", "gone"} <= named


def test_an_open_datum_is_a_question_with_what_follows_from_each_answer(cases: Layer) -> None:
    examination = examined(cases, doubts=[DOUBT])
    html = page(Seen(Told(), examination.source, examination), cases)
    read = text_of(html)
    assert "会移动约 163 米 · 90% 落在已有区划内 · 3/4 个已有的要素对得上" in read
    radios = re.findall(r'<input type="radio" name="datum"[^>]*>', html)
    assert len(radios) == 3
    assert not [radio for radio in radios if "checked" in radio]
    assert re.search(r"<button[^>]* disabled[^>]*>全部导入", html)
    assert "其余的退给我" not in read


def test_refused_cells_are_marked_and_every_finding_has_its_suggestion(cases: Layer) -> None:
    examination = examined(cases, findings=[fault()])
    html = page(Seen(Told(), examination.source, examination), cases)
    assert html.count('class="cell-bad"') == 1
    assert "最接近的可选值是“拆了”" in text_of(html)
    assert "导入没有问题的 2 行，其余的退给我" in text_of(html)
    assert re.search(r"<button[^>]* disabled[^>]*>全部导入", html)


def test_a_finding_leads_to_its_place_on_the_map(cases: Layer) -> None:
    located = replace(fault(), geometry=shapely.Point(101.82, 36.62))
    examination = examined(cases, findings=[located])
    html = page(Seen(Told(crs="EPSG:4326"), examination.source, examination), cases)
    address = f"/import/drafts/{TOKEN}/map?crs=EPSG%3A4326"
    assert f'<iframe class="map-frame" name="preview-map" src="{address}"' in html
    assert f'href="{address}#row=2" target="preview-map"' in html


def test_guesses_of_the_crs_are_choices_with_their_confidence(cases: Layer) -> None:
    values = {"crs": "EPSG:4522", "confidence": 0.953, "reason": "en", "reason_zh": "带号 34"}
    problem = Problem(FILE_CRS, name="a", findings=[Finding(CRS_GUESSED, values=values)])
    html = page(Seen(Told(datum="gcj02"), trouble=problem), cases, name="a.zip")
    assert "把握 95% · 带号 34" in text_of(html)
    assert 'name="crs" form="answers" value="EPSG:4522"' in html
    # What was said before is not lost, although its control is not on this page.
    assert '<input type="hidden" name="datum" value="gcj02">' in html


def test_a_sheet_is_asked_for_by_its_names(cases: Layer) -> None:
    problem = Problem(FILE_LAYERS, name="a", layers="一, 二", parts=("一", "二"))
    html = page(Seen(Told(), trouble=problem), cases)
    options = [v for tag, name, v in Parsed(html).values if (tag, name) == ("option", "value")]
    assert options == ["", "一", "二"]


@pytest.mark.parametrize(
    ("told", "query"),
    [
        (Told(), ""),
        (Told(on_conflict="skip", number=True), "on_conflict=skip&number=true"),
        (Told(map=("a=b c", "d=")), "map=a%3Db+c&map=d%3D"),
        (Told(part="\ud800"), "part=%3F"),
    ],
)
def test_what_was_said_fits_into_an_address(told: Told, query: str) -> None:
    assert told.query() == query


def test_answers_about_columns_that_are_no_longer_there_are_dropped(cases: Layer) -> None:
    told = Told(map=("status=状态", "address=旧", "number=", "nothing=状态"))
    assert told.fitting(cases, ["状态"]).map == ("number=", "status=状态")


def test_the_systems_offered_are_those_of_the_place() -> None:
    offered = [choice.code for choice in crs_choices.offered("zh", 101.83, "EPSG:32647")]
    assert {"EPSG:4543", "EPSG:4522", "EPSG:4495", "EPSG:4506", "EPSG:32647"} <= set(offered)
    assert "带号 34" in crs_choices.label("EPSG:4522", "zh")
    assert crs_choices.label("local", "en") == "local"
    assert len(crs_choices.offered("en", None)) == 3


def test_features_have_their_class_and_stay_in_the_world(cases: Layer) -> None:
    examination = examined(cases, findings=[fault()])
    frame = examination.source.frame
    frame.loc[0, "geometry"] = shapely.Point(float("inf"), 0)
    body = import_features.of_examination(examination, "zh").decode()
    assert body.count('"Feature"') == 2
    assert '"class": "refused"' in body
    moved = import_features.of_candidate(examination, Datum.BD09, "zh").decode()
    assert moved.count('"class": "row"') == 2


def test_a_load_tells_what_it_did_and_how_to_undo_it(registry: Registry) -> None:
    html = import_pages.batch(registry, "zh", Loaded(BATCH, Left(TOKEN, [".csv", ".xlsx"])))
    read = text_of(html)
    assert "第 7 批" in read
    assert "9 新增" in read
    assert f'href="/import/drafts/{TOKEN}/rest?f=xlsx"' in html
    assert 'action="/import/batches/7/undo" method="post"' in html
    assert "/maps/structures" in html
    undone = import_pages.batch(registry, "zh", Loaded(replace(BATCH, undone_at=BATCH.loaded_at)))
    assert "/undo" not in undone
    assert "已撤销" in text_of(undone)
