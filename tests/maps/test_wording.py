"""Both languages say the same things."""

import string

import pytest

from maps.words.wording import GROUPS, words

EVERY = [(group, key) for group, labels in GROUPS.items() for key in labels]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    for group in GROUPS:
        assert words(group, "zh").keys() == words(group, "en").keys()


@pytest.mark.parametrize(("group", "key"), EVERY)
def test_both_languages_say_something_with_the_same_places_to_fill(group: str, key: str) -> None:
    label = GROUPS[group][key]
    assert label.en
    assert label.zh or key == "unit_gap"  # Chinese puts no space before a unit
    assert placeholders(label.zh) == placeholders(label.en)


@pytest.mark.parametrize(("group", "key"), EVERY)
def test_no_key_is_hidden_by_a_method_of_the_dictionary(group: str, key: str) -> None:
    # In a template `w.items` is the method, not the word.
    assert not hasattr(dict, key)


@pytest.mark.parametrize(("group", "key"), EVERY)
def test_chinese_sentences_use_chinese_punctuation(group: str, key: str) -> None:
    text = GROUPS[group][key].zh
    if any("\u4e00" <= letter <= "\u9fff" for letter in text):
        assert not set(",;:?!()") & set(text.replace(", 36", " 36"))
