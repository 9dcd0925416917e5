"""Chinese sentences have Chinese punctuation, in the catalogue and in reasons put together."""

import re

import pytest

from api.statuses import CATALOGUE
from gis import crs_guess
from gis.errors import Rule
from gis.formats.encoding import Text, judge

# A comma between coordinates stands between numbers.
PLACE = "{lon}, {lat}"
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff\u201d}][,;:!?]|[,;:!?(][\u4e00-\u9fff\u201c]|\([^()]*[\u4e00-\u9fff]|[\u4e00-\u9fff]\("
)


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_a_rule_has_full_width_punctuation(rule: Rule) -> None:
    for text in (rule.zh, rule.mend_zh):
        # The name of a value may carry a format: {confidence:.0%}.
        plain = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", text.replace(PLACE, "{place}"))
        assert HALF_WIDTH.search(plain) is None, text


def test_a_guess_has_full_width_punctuation() -> None:
    for x, y in ((34484793.0, 4054354.0), (4054354.0, 484793.0), (101.8, 36.6), (1.13e7, 4.3e6)):
        for guess in crs_guess.guess([x], [y]):
            assert HALF_WIDTH.search(guess.zh) is None, guess.zh


def test_the_reason_for_an_encoding_has_full_width_punctuation() -> None:
    for text in ("路", "林家崖", "abc", "\u4e02\u4e04\u4e05"):
        for code in ("gbk", "utf-8"):
            for stated in (None, "utf-8", "gb18030", "cp1252"):
                believed = judge([Text(text.encode(code))], stated)
                assert believed is not None
                assert HALF_WIDTH.search(believed.zh) is None, believed.zh
