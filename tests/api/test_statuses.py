import re

import pytest

from api.errors import title
from api.statuses import CATALOGUE, STATUSES, exit_code, status_of
from gis.errors import Lang
from gis.refusals.database import DATABASE_BUSY, DATABASE_REFUSED, DATABASE_UNREACHABLE
from gis.refusals.values import BAD_PARAMETER
from layers.refusals.asking import UNKNOWN_LAYER
from layers.refusals.imports import IMPORT_REFUSED

# What a caller cannot mend by sending something else.
KEEPERS = (
    "backup-",
    "cluster-",
    "database-",
    "postgres-",
    "assets-",
    "demo-",
    "port-",
    "provider-",
    "photo-lost",
    "photo-place",
    "photo-store",
    "photos-lost",
)


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_only_what_the_keeper_must_mend_is_5xx(slug: str) -> None:
    status = status_of(CATALOGUE[slug])
    assert 400 <= status < 600
    keepers = slug.startswith(KEEPERS) and slug != "database-refused"
    ours = slug in {"internal", "element-unknown", "record-again"}
    assert (status >= 500) == (keepers or ours)


def test_every_status_is_of_a_rule_or_family_that_exists() -> None:
    for name in STATUSES:
        assert any(
            slug == name or (name.endswith("-") and slug.startswith(name)) for slug in CATALOGUE
        )


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_title_is_the_sentence_without_values(slug: str, lang: Lang) -> None:
    found = title(CATALOGUE[slug], lang)
    assert found
    assert not re.search(r"[{}]", found)


def test_a_slug_goes_before_its_family() -> None:
    assert status_of(DATABASE_REFUSED) == 422
    assert status_of(DATABASE_BUSY) == 503


def test_a_status_decides_the_exit_code() -> None:
    assert (exit_code(BAD_PARAMETER), exit_code(UNKNOWN_LAYER)) == (2, 2)
    assert (exit_code(IMPORT_REFUSED), exit_code(DATABASE_UNREACHABLE)) == (1, 1)
