"""The examples in the docstrings of gis/ are true."""

import doctest
import importlib
import pkgutil

import pytest

import gis

MODULES = [found.name for found in pkgutil.walk_packages(gis.__path__, "gis.")]
WITH_EXAMPLES = {
    "gis.coordinates",
    "gis.crs",
    "gis.crs_guess",
    "gis.datum",
    "gis.reading_order",
    "gis.reproject",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted > 0 or name not in WITH_EXAMPLES
