"""Changes of what is foreign, for every route that changes something: each has to be refused.

A route that changes something and is not known here fails the test that walks over all routes.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from shapely.geometry import mapping

from gis.clock import today
from layers.declaring.duties import ROLES
from layers.declaring.words import Layer
from layers.registry import Registry
from tests.api.leak_ground import Ground
from tests.api.leak_matrix import NO_TOKEN, Ask, Operation
from tests.api.leak_places import (
    FAR_MARK,
    NEAR_MARK,
    NEVER,
    community,
    picture,
    record_name,
    shapes,
    values_at,
)
from tests.photographs import name_of
from tests.records import in_field, record

_SOON = str(today() + timedelta(days=5))
NO_RECORD = f"{NEVER:08}-0000-4000-8000-000000000000"
_ROW = 199  # no record of the ground has this number


@dataclass(frozen=True, slots=True)
class Aim:
    """What is aimed at: things of one part of the ground, or of none that ever was."""

    ground: Ground
    registry: Registry
    part: str | None

    def number(self, table: str) -> int:
        """A number of this part."""
        return NEVER if self.part is None else self.ground.numbers[self.part][table][0]

    def own(self, table: str) -> int:
        """A number of the ground that the asker may change."""
        return self.ground.numbers["own"][table][0]

    @property
    def token(self) -> str:
        return NO_TOKEN if self.part is None else self.ground.drafts[self.part]

    @property
    def layers(self) -> Iterator[Layer]:
        """Those with a feature there; all where nothing ever was."""
        for layer in self.registry.layers.values():
            if self.part is None or self.ground.numbers[self.part][layer.name]:
                yield layer


def _json(method: str, path: str, body: object, kind: str = "application/json") -> Ask:
    content = json.dumps(body, default=str).encode()
    return Ask(method, path, headers={"content-type": kind}, content=content)


def _record(layer: Layer, part: str) -> dict[str, Any]:
    """A feature of the layer as somebody would put it on the ground of a part."""
    place = community(part)
    values = {k: v for k, v in values_at(layer, place, _ROW).items() if v is not None}
    shape = next(shapes(layer, place))
    drawn = None if shape is None else mapping(shape)
    return {"type": "Feature", "geometry": drawn, "properties": values}


# --- features -------------------------------------------------------------------------------------
_GEOJSON = "application/geo+json"


def _create(aim: Aim) -> Iterator[Ask]:
    """Onto foreign ground."""
    if aim.part is not None:
        for layer in aim.layers:
            path = f"/collections/{layer.name}/items"
            yield _json("POST", path, _record(layer, aim.part), _GEOJSON)


def _replace(aim: Aim) -> Iterator[Ask]:
    for layer in aim.layers:
        path = f"/collections/{layer.name}/items/{aim.number(layer.name)}"
        yield _json("PUT", path, _record(layer, "own"), _GEOJSON)


def _log(aim: Aim) -> Iterator[Ask]:
    """Onto foreign ground, and into a foreign field."""
    named = "99999999-0000-4000-8000-000000000000"
    for layer in aim.layers:
        if layer.logged:
            path = f"/collections/{layer.name}/items/{named}"
            yield _json("PUT", path, in_field(layer, field=_field_code(aim)), _GEOJSON)
            if aim.part is not None:
                spot = {"type": "Point", "coordinates": community(aim.part).spot}
                yield _json("PUT", path, record(layer, geometry=spot), _GEOJSON)


def _field_code(aim: Aim) -> str:
    """The code of a field of this part."""
    if aim.part is None:
        return "630102099099001"
    with aim.ground.whole.database.read() as connection:
        wanted = sa.text("SELECT code FROM grid_fields WHERE id = :id")
        code = connection.scalar(wanted, {"id": aim.number("grid_fields")})
    return str(code)


def _update(aim: Aim) -> Iterator[Ask]:
    for layer in aim.layers:
        path = f"/collections/{layer.name}/items/{aim.number(layer.name)}"
        ask = _json("PATCH", path, {"properties": {}}, "application/merge-patch+json")
        yield ask
        etag = {"if-match": '"0123456789abcdef01234567"'}
        yield Ask(ask.method, path, headers={**ask.headers, **etag}, content=ask.content)


def _delete(aim: Aim) -> Iterator[Ask]:
    for layer in aim.layers:
        yield Ask("DELETE", f"/collections/{layer.name}/items/{aim.number(layer.name)}")


def _changes(aim: Aim) -> Iterator[Ask]:
    for layer in aim.layers:
        path, number = f"/collections/{layer.name}/changes", aim.number(layer.name)
        put = {**_record(layer, "own"), "id": number}
        for body in ({"features": [put]}, {"features": [], "delete": [number]}):
            yield _json("POST", path, {"type": "FeatureCollection", **body}, _GEOJSON)


# --- what is the same ---
def _same(name: str = "") -> Callable[[Aim], Iterator[Ask]]:
    """A foreign record as the same as one's own, and one's own as the same as a foreign one."""

    def asks(aim: Aim) -> Iterator[Ask]:
        for layer in aim.layers:
            if layer.logged:
                foreign, own = aim.number(layer.name), aim.own(layer.name)
                for feature, main in ((foreign, own), (own, foreign)):
                    path = f"/collections/{layer.name}/items/{feature}/same"
                    if name == "delete":
                        yield Ask("DELETE", f"{path}/{main}")
                    elif name:
                        yield _form(f"{path}/{name}", main=str(main))
                    else:
                        yield _json("POST", path, {"main": main})

    return asks


# --- files ----------------------------------------------------------------------------------------
def _import(aim: Aim) -> Iterator[Ask]:
    if aim.part is None:
        return
    lon, lat = community(aim.part).spot
    content = f"name,kind,lon,lat\n某单位,school,{lon:.4f},{lat:.4f}"
    for data in ({}, {"dry_run": "true"}, {"accept_valid": "true"}):
        path, files = "/collections/work_units/import", {"file": ("x.csv", content)}
        yield Ask("POST", path, data=data, files=files)


def _load(aim: Aim) -> Iterator[Ask]:
    yield Ask("POST", f"/import/drafts/{aim.token}", data={"accept_valid": "true"})


def _cancel(aim: Aim) -> Iterator[Ask]:
    yield Ask("POST", f"/import/drafts/{aim.token}/cancel")


def _discard(aim: Aim) -> Iterator[Ask]:
    yield Ask("POST", f"/import/drafts/{aim.token}/discard")


def _undo(aim: Aim) -> Iterator[Ask]:
    yield Ask("POST", f"/import/batches/{aim.number('import_batches')}/undo")


def _fix(aim: Aim) -> Iterator[Ask]:
    yield Ask("POST", "/check/grid_fields", data={"fix": "gap-0123456789ab"})


# --- duties ---------------------------------------------------------------------------------------
def _give(aim: Aim) -> Iterator[Ask]:
    """Foreign ground to one's own people, and one's own ground to foreign people."""
    for role in ROLES.values():
        for layer in role.layers:
            body = {"role": role.name, "layer": layer, "from": _SOON}
            foreign = {"feature": aim.number(layer), "person": aim.own("persons")}
            yield _json("POST", "/duties", {**body, **foreign})
            named = {"feature": aim.number(layer), "person": {"name": "某人"}}
            yield _json("POST", "/duties", {**body, **named})
            stranger = {"feature": aim.own(layer), "person": aim.number("persons")}
            yield _json("POST", "/duties", {**body, **stranger})


def _hand_over(aim: Aim) -> Iterator[Ask]:
    foreign, own = aim.number("duties"), aim.own("duties")
    for duty, person in ((foreign, aim.own("persons")), (own, aim.number("persons"))):
        body = {"duty": duty, "person": person, "on": _SOON}
        yield _json("POST", "/duties/hand-over", body)


def _replace_duty(aim: Aim) -> Iterator[Ask]:
    path = f"/duties/{aim.number('duties')}/replace"
    yield _json("POST", path, {"on": _SOON})
    stranger = {"person": aim.number("persons")}
    yield _json("POST", f"/duties/{aim.own('duties')}/replace", stranger)


def _end_duty(aim: Aim) -> Iterator[Ask]:
    path = f"/duties/{aim.number('duties')}/end"
    yield _json("POST", path, {"on": _SOON})
    yield _json("POST", path, {"on": _SOON, "vacant": True, "reason": "x"})


def _form(path: str, **data: str) -> Ask:
    return Ask("POST", path, headers={"accept": "text/html"}, data=data)


def _duty_form(name: str) -> Callable[[Aim], Iterator[Ask]]:
    def asks(aim: Aim) -> Iterator[Ask]:
        path = f"/duties/{aim.number('duties')}/{name}"
        yield _form(path, person="某人", on=_SOON, vacant="1", reason="x")

    return asks


def _give_by_form(aim: Aim) -> Iterator[Ask]:
    for role in ROLES.values():
        target = {"layer": role.layers[0], "feature": str(aim.number(role.layers[0]))}
        yield _form("/duties/new", role=role.name, person="某人", on=_SOON, **target)


# --- people and accounts --------------------------------------------------------------------------
def _amend(aim: Aim) -> Iterator[Ask]:
    yield _json("PATCH", f"/people/{aim.number('persons')}", {"phone": "13900000009"})


def _amend_by_form(aim: Aim) -> Iterator[Ask]:
    yield _form(f"/people/{aim.number('persons')}", phone="13900000009")


def _account(aim: Aim) -> Iterator[Ask]:
    division = "630109001001" if aim.part is None else str(community(aim.part).code)
    yield _form("/accounts", login="somebody", name="某人", role="viewer", division=division)


def _bring_people(aim: Aim) -> Iterator[Ask]:
    """Nobody is known by these names where the asker may look."""
    names = {"near": f"{NEAR_MARK}前任grid_member", "far": f"{FAR_MARK}前任grid_member"}
    content = f"姓名,电话\n{names.get(aim.part or '', '某某某')},13900000009"
    yield Ask("POST", "/people/import", files={"file": ("x.csv", content)})


def _of_account(name: str) -> Callable[[Aim], Iterator[Ask]]:
    def asks(aim: Aim) -> Iterator[Ask]:
        path = f"/accounts/{aim.number('accounts')}{name}"
        yield _form(path, role="admin", division="630102007001")

    return asks


def _let_in(aim: Aim) -> Iterator[Ask]:
    for way in ("link", "password"):
        yield _form(f"/accounts/{aim.number('accounts')}/{way}")


# --- pages ----------------------------------------------------------------------------------------
def _page(name: str) -> Callable[[Aim], Iterator[Ask]]:
    def asks(aim: Aim) -> Iterator[Ask]:
        for layer in aim.layers:
            path = f"/collections/{layer.name}/items/{aim.number(layer.name)}/{name}"
            yield _form(path, if_match='"0123456789abcdef01234567"', other=str(aim.own(layer.name)))

    return asks


def _merge(aim: Aim) -> Iterator[Ask]:
    yield from _page("merge")(aim)
    own = f"/collections/grid_fields/items/{aim.own('grid_fields')}/merge"
    yield _form(own, other=str(aim.number("grid_fields")))


def _add_by_form(aim: Aim) -> Iterator[Ask]:
    """Onto foreign ground."""
    if aim.part is not None:
        for layer in aim.layers:
            record = _record(layer, aim.part)
            values = {f"field.{k}": str(v) for k, v in record["properties"].items()}
            geometry = json.dumps(record["geometry"])
            yield _form(f"/collections/{layer.name}/items/new", geometry=geometry, **values)


def _undo_change(aim: Aim) -> Iterator[Ask]:
    for layer in aim.layers:
        items = f"/collections/{layer.name}/items"
        change = aim.number("changes")
        yield Ask("POST", f"{items}/{aim.number(layer.name)}/history/{change}/undo")
        yield Ask("POST", f"{items}/{aim.own(layer.name)}/history/{change}/undo")


def _revoke(aim: Aim) -> Iterator[Ask]:
    yield Ask("POST", f"/auth/sessions/{aim.number('sessions')}/revoke")


# --- cases --------------------------------------------------------------------------------------
def _step_by_form(aim: Aim) -> Iterator[Ask]:
    for layer in aim.layers:
        if layer.workflow:
            for name in ("accept", "assign"):
                yield _form(f"/ledger/{layer.name}/{aim.number(layer.name)}/{name}", reason="x")


def _step(aim: Aim) -> Iterator[Ask]:
    """Each step of a foreign case, and one that is none with a photograph."""
    for layer in aim.layers:
        path = f"/collections/{layer.name}/items/{aim.number(layer.name)}/transitions"
        for each in layer.workflow.transitions if layer.workflow else ():
            yield _json("POST", path, {"transition": each.name, "reason": "x"})
        yield _json("POST", path, {"transition": "nothing", "photos": [name_of(b"never")]})


# --- photographs ----------------------------------------------------------------------------------
def _photo(aim: Aim) -> Iterator[Ask]:
    """Other bytes under a foreign hash, and bytes that are no photograph under their own."""
    content = b"no photograph"
    named = b"never" if aim.part is None else picture(aim.part)
    for known in (named, content):
        yield Ask("PUT", f"/photos/{name_of(known)}", content=content)


# --- patrols --------------------------------------------------------------------------------------
def _patrol(aim: Aim) -> str:
    return f"/patrols/{NO_RECORD if aim.part is None else record_name(aim.part)}"


def _begin_patrol(aim: Aim) -> Iterator[Ask]:
    """As nobody may; that a name is taken is told to whoever knows it (docs/decisions/0019)."""
    for day in ("2017-07-21", "2099-07-21"):
        yield _json("PUT", _patrol(aim), {"started_at": f"{day}T09:00:00+08:00"})


def _add_points(aim: Aim) -> Iterator[Ask]:
    point = {"at": "2026-11-23T09:00:00Z", "lon": 101.82, "lat": 36.62, "accuracy_m": 5}
    for seq in (1, 2):
        yield _json("PUT", f"{_patrol(aim)}/points/{seq}", {"points": [point]})


def _delete_patrol(aim: Aim) -> Iterator[Ask]:
    yield Ask("DELETE", _patrol(aim))


def _delete_patrol_by_form(aim: Aim) -> Iterator[Ask]:
    yield _form(f"{_patrol(aim)}/delete")


# --- records that become others -----------------------------------------------------------------
def _turn(aim: Aim) -> Iterator[Ask]:
    """A foreign record into a case, and one's own into a case on foreign ground."""
    for layer in aim.layers:
        path = f"/collections/{layer.name}/items/{aim.number(layer.name)}/turn"
        yield _json("POST", path, {"values": {"matter": "06013"}})
        if layer.becomes and aim.part is not None:
            lon, lat = community(aim.part).spot
            own = f"/collections/{layer.name}/items/{aim.own(layer.name)}/turn"
            yield _json("POST", own, {"values": {"matter": "06013"}, "lon": lon, "lat": lat})


# --- webhooks -------------------------------------------------------------------------------------
_HOOK = {"name": "x", "url": "https://8.8.8.8/", "kinds": ["case.assigned"]}


def _new_hook(aim: Aim) -> Iterator[Ask]:
    """For events of foreign ground."""
    division = "630109001001" if aim.part is None else str(community(aim.part).code)
    yield _json("POST", "/webhooks", {**_HOOK, "division": division})


def _change_hook(aim: Aim) -> Iterator[Ask]:
    yield _json("PUT", f"/webhooks/{aim.number('webhooks')}", _HOOK)


def _change_hook_by_form(aim: Aim) -> Iterator[Ask]:
    ticked = {"kind:case.assigned": "true"}
    yield _form(f"/webhooks/{aim.number('webhooks')}", name="x", url="https://8.8.8.8/", **ticked)


def _delete_hook(aim: Aim) -> Iterator[Ask]:
    yield Ask("DELETE", f"/webhooks/{aim.number('webhooks')}")


def _act_on_hook(aim: Aim) -> Iterator[Ask]:
    for action in ("secret", "pause", "resume", "probe", "again_all", "delete"):
        yield Ask("POST", f"/webhooks/{aim.number('webhooks')}/{action}")


def _send_again(aim: Aim) -> Iterator[Ask]:
    delivery = aim.number("deliveries")
    yield Ask("POST", f"/webhooks/{aim.number('webhooks')}/deliveries/{delivery}")
    yield Ask("POST", f"/webhooks/{aim.own('webhooks')}/deliveries/{delivery}")


WRITES: Mapping[Operation, Callable[[Aim], Iterator[Ask]]] = {
    ("POST", "/collections/{layer}/items"): _create,
    ("PUT", "/collections/{layer}/items/{feature_id}"): _replace,
    ("PUT", "/collections/{layer}/items/{uuid}"): _log,
    ("PATCH", "/collections/{layer}/items/{feature_id}"): _update,
    ("DELETE", "/collections/{layer}/items/{feature_id}"): _delete,
    ("POST", "/collections/{layer}/items/{feature_id}/same"): _same(),
    ("DELETE", "/collections/{layer}/items/{feature_id}/same/{main}"): _same("delete"),
    ("POST", "/collections/{layer}/items/{feature_id}/same/mark"): _same("mark"),
    ("POST", "/collections/{layer}/items/{feature_id}/same/undo"): _same("undo"),
    ("POST", "/collections/{layer}/changes"): _changes,
    ("POST", "/collections/{layer}/import"): _import,
    ("POST", "/import/drafts/{token}"): _load,
    ("POST", "/import/drafts/{token}/cancel"): _cancel,
    ("POST", "/import/drafts/{token}/discard"): _discard,
    ("POST", "/import/batches/{number}/undo"): _undo,
    ("POST", "/check/{layer}"): _fix,
    ("POST", "/duties"): _give,
    ("POST", "/duties/new"): _give_by_form,
    ("POST", "/duties/hand-over"): _hand_over,
    ("POST", "/duties/{duty_id}/hand-over"): _duty_form("hand-over"),
    ("POST", "/duties/{duty_id}/change"): _duty_form("change"),
    ("POST", "/duties/{duty_id}/close"): _duty_form("close"),
    ("POST", "/duties/{duty_id}/replace"): _replace_duty,
    ("POST", "/duties/{duty_id}/end"): _end_duty,
    ("PATCH", "/people/{person_id}"): _amend,
    ("POST", "/people/{person_id}"): _amend_by_form,
    ("POST", "/people/import"): _bring_people,
    ("POST", "/accounts"): _account,
    ("POST", "/accounts/{account_id}"): _of_account(""),
    ("POST", "/accounts/{account_id}/disable"): _of_account("/disable"),
    ("POST", "/accounts/{account_id}/enable"): _of_account("/enable"),
    ("POST", "/accounts/{account_id}/revoke"): _of_account("/revoke"),
    ("POST", "/accounts/{account_id}/{way}"): _let_in,
    ("POST", "/collections/{layer}/items/new"): _add_by_form,
    ("POST", "/collections/{layer}/items/{feature_id}/edit"): _page("edit"),
    ("POST", "/collections/{layer}/items/{feature_id}/delete"): _page("delete"),
    ("POST", "/collections/{layer}/items/{feature_id}/split"): _page("split"),
    ("POST", "/collections/{layer}/items/{feature_id}/merge"): _merge,
    ("POST", "/collections/{layer}/items/{feature_id}/history/{change}/undo"): _undo_change,
    ("PUT", "/patrols/{patrol}"): _begin_patrol,
    ("PUT", "/patrols/{patrol}/points/{seq}"): _add_points,
    ("DELETE", "/patrols/{patrol}"): _delete_patrol,
    ("POST", "/patrols/{patrol}/delete"): _delete_patrol_by_form,
    ("POST", "/auth/sessions/{session_id}/revoke"): _revoke,
    ("PUT", "/photos/{sha256}"): _photo,
    ("POST", "/collections/{layer}/items/{feature_id}/become"): _page("become"),
    ("POST", "/collections/{layer}/items/{feature_id}/turn"): _turn,
    ("POST", "/webhooks"): _new_hook,
    ("PUT", "/webhooks/{webhook}"): _change_hook,
    ("POST", "/webhooks/{webhook}"): _change_hook_by_form,
    ("DELETE", "/webhooks/{webhook}"): _delete_hook,
    ("POST", "/webhooks/{webhook}/{action}"): _act_on_hook,
    ("POST", "/webhooks/{webhook}/deliveries/{delivery}"): _send_again,
    ("POST", "/collections/{layer}/items/{feature_id}/transitions"): _step,
    ("POST", "/ledger/{layer}/{feature_id}/{transition}"): _step_by_form,
}
