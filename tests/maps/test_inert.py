"""Text stays text: for HTML, for JavaScript and for a template compiler that reads it again."""

import html
import json

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from maps import inert
from tests.maps.hostile import CORPUS

# As branca compiles what it has rendered.
AGAIN = Environment(keep_trailing_newline=True, autoescape=False)  # noqa: S701

# Texts in which what is dangerous is frequent.
PIECES = st.sampled_from(
    [*"{}%#<>&'\"\\/`$\u2028\u2029\x00\x1f\x85\ud800\uffff", "{{", "{%", "{#", "</script>", "<!--"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES | st.text(max_size=2)).map("".join))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def compiled_again(text: str) -> str:
    return AGAIN.from_string(text).render()


@given(JSON)
def test_json_for_a_script_parses_back_to_the_same_value(value: object) -> None:
    assert json.loads(inert.json_for_script(value)) == value


@given(JSON)
def test_json_for_a_script_holds_nothing_that_ends_a_script_or_opens_a_template(
    value: object,
) -> None:
    written = inert.json_for_script(value)
    for risky in ("<", ">", "&", "'", "{{", "{%", "{#", "\u2028", "\u2029"):
        assert risky not in written
    written.encode()  # no lone surrogate is left


@given(JSON)
def test_json_for_a_script_is_the_same_after_a_second_compilation(value: object) -> None:
    written = inert.json_for_script(value)
    assert compiled_again(written) == written


@given(TEXTS)
def test_text_reads_back_as_it_was_but_for_what_html_cannot_hold(value: str) -> None:
    written = inert.text(value)
    back = html.unescape(written)
    assert len(back) == len(value)
    assert all(b in {v, "\ufffd"} for b, v in zip(back, value, strict=True))


@given(TEXTS)
def test_text_holds_no_character_with_a_meaning(value: str) -> None:
    written = str(inert.text(value))
    assert not set("<>\"'{}") & set(written)
    assert compiled_again(written) == written
    written.encode()


def test_ordinary_text_is_left_alone() -> None:
    assert inert.text("网格责任田 · Fields (1,480 ㎡) 🏘") == "网格责任田 · Fields (1,480 ㎡) 🏘"


def test_text_is_escaped_once_however_often_it_is_printed() -> None:
    for hostile in CORPUS:
        once = inert.text(hostile)
        assert f"{once}" == once.__html__()
