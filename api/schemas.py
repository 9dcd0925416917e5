"""A layer's declaration as JSON Schema: what a program may ask for and what it gets."""

from typing import Any

from api.cql2 import GEOMETRY
from gis.errors import Lang
from layers.cases import columns as case_columns
from layers.declaring.words import Field, Geometry, Layer, Type

Schema = dict[str, Any]

_TYPES: dict[Type, Schema] = {
    Type.TEXT: {"type": "string"},
    Type.INTEGER: {"type": "integer"},
    Type.DECIMAL: {"type": "number"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.BOOLEAN: {"type": "boolean"},
}
# The formats of OGC API - Features Part 5.
_GEOMETRIES = {
    Geometry.POINT: "geometry-point",
    Geometry.LINE: "geometry-linestring-or-multilinestring",
    Geometry.POLYGON: "geometry-polygon-or-multipolygon",
}


def queryables(layer: Layer, lang: Lang, address: str) -> Schema:
    """The fields that a filter may name, and what is known of the cases where there are such."""
    whole = _object(layer, lang, address)
    cases = {name: _property(each, lang) for name, each in case_columns.fields(layer).items()}
    whole["properties"] |= cases
    return whole | {"additionalProperties": False}


def schema(layer: Layer, lang: Lang, address: str) -> Schema:
    """The fields of a feature, and which of them it must have."""
    required = [field.name for field in layer.fields if field.required]
    return _object(layer, lang, address) | {"required": required}


def _object(layer: Layer, lang: Lang, address: str) -> Schema:
    fields = {field.name: _property(field, lang) for field in layer.fields}
    shape = {GEOMETRY: _shape(layer)} if layer.has_shape else {}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": layer.label.of(lang),
        "properties": fields | shape,
    }


def _shape(layer: Layer) -> Schema:
    return {"format": _GEOMETRIES[layer.geometry], "x-ogc-role": "primary-geometry"}


def _property(field: Field, lang: Lang) -> Schema:
    limits: Schema = {
        "enum": [choice.value for choice in field.choices] or None,
        "pattern": f"^(?:{field.pattern.regex})$" if field.pattern else None,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "maxLength": field.max_length if field.type is Type.TEXT else None,
        "x-ogc-unit": field.unit and field.unit.of(lang),
        "x-personal": field.personal or None,
        "x-choices": {choice.value: choice.label.of(lang) for choice in field.choices} or None,
    }
    found = {"title": field.label.of(lang), **_TYPES[field.type]}
    return found | {name: limit for name, limit in limits.items() if limit is not None}
