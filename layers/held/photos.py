"""What the database holds about photographs: SQL for `layers.guards`.

A link lies where its feature lies and is seen there; a photograph is seen by a link whose bytes
somebody of that ground has brought, and by who brought it. That others have it too shows nowhere.
"""

from collections.abc import Iterable, Iterator

from layers.declaring.rights import Right
from layers.declaring.words import Layer, Role
from layers.held.policies import ROLE, may, readable, within, writable
from layers.held.wiring import Schemas, function, literal, quoted, trigger
from layers.schema.photos import OWN_ACCOUNT, PHOTO_LINKS, PHOTO_UPLOADS, PHOTOS

# "phot" as a number: the first half of the key of the lock on one hash.
_LOCK = 0x70_686F_74
LOCK_HASH = f"pg_advisory_xact_lock({_LOCK}, hashtext({{}}))"
"""One at a time brings, links or forgets a photograph, as SQL."""

# The photograph may be coming in at this moment: whoever is second sees what the first has done.
_LINK = f"""
DECLARE
  lies bigint;
BEGIN
  PERFORM {LOCK_HASH.format("NEW.sha256")};
  CASE NEW.layer
{{places}}
  END CASE;
  IF lies IS NULL THEN  -- the same words as for a feature that is another division's
    RAISE EXCEPTION 'no such feature' USING ERRCODE = 'insufficient_privilege';
  END IF;
  NEW.place := lies;
  NEW.held := EXISTS (
    SELECT FROM photo_uploads u WHERE u.sha256 = NEW.sha256 AND u.account = NEW.account
  );
  RETURN NEW;
END
"""
# One by its id, since the planner would take the rows of a change for a thousand and read all
# links; many planned anew each time: a plan made for one row would be used for a million. The
# layer as text: a name would compare by another collation than that of the index.
_GO_WITH_FEATURE = """
DECLARE
  target text := TG_TABLE_NAME;
  own bigint;
  lies bigint;
BEGIN
  IF (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 2) few) = 1 THEN
    SELECT id, place INTO own, lies FROM new_rows;
    UPDATE photo_links SET place = lies WHERE layer = target AND feature = own AND place <> lies;
  ELSIF EXISTS (SELECT FROM photo_links WHERE layer = target) THEN
    EXECUTE $sql$
      UPDATE photo_links l SET place = n.place FROM new_rows n
      WHERE l.layer = $1 AND l.feature = n.id AND l.place <> n.place
    $sql$ USING target;
  END IF;
  RETURN NULL;
END
"""
_LINKED = ("layer", "feature", "sha256", "role", "ordinal", "taken_at")
# When others brought it, or tried to, is theirs.
_TOLD = ("sha256", "bytes", "media_type", "width", "height", "taken_at", "lon", "lat", "datum")


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions, triggers and policies for photographs, and for the features of these layers."""
    links, uploads = PHOTO_LINKS.name, PHOTO_UPLOADS.name
    known = [layer for layer in layers if pictured(layer)]
    yield function("gridfield_photo_link", _linking(known), schemas)
    yield trigger("gridfield_photo_link", "BEFORE INSERT", links, "gridfield_photo_link", row=True)
    yield function("gridfield_photo_place", _GO_WITH_FEATURE, schemas)
    for layer in known:
        yield from _followed(layer)
    own, over = f"account = {OWN_ACCOUNT}", within("place")
    yield from readable(uploads, own)
    yield f"GRANT INSERT (sha256) ON {uploads} TO {ROLE}"
    yield writable(uploads, "INSERT", f"{own} AND {may(Right.LOG)}")
    yield from readable(links, over)
    yield f"GRANT INSERT ({', '.join(map(quoted, _LINKED))}) ON {links} TO {ROLE}"
    yield writable(links, "INSERT", f"{over} AND {may(Right.LOG)}")
    # Of both tables only what their own policies show.
    seen = " OR ".join(
        f"EXISTS (SELECT FROM {rows} k WHERE k.sha256 = {PHOTOS.name}.sha256{held})"
        for rows, held in ((uploads, ""), (links, " AND k.held"))
    )
    yield from readable(PHOTOS.name, seen, _TOLD)


def _linking(layers: Iterable[Layer]) -> str:
    """A statement for each layer, whose plan is kept: to put one together takes longer."""
    places = "\n".join(
        f"    WHEN {literal(layer.name)} THEN"
        f" SELECT place INTO lies FROM {quoted(layer.name)} WHERE id = NEW.feature FOR SHARE;"
        for layer in layers
    )
    return _LINK.format(places=f"{places}\n    ELSE lies := NULL;")


def pictured(layer: Layer) -> bool:
    """Whether features of this layer may have photographs: the ground under the map has none."""
    return layer.role is Role.THEMATIC


def _followed(layer: Layer) -> Iterator[str]:
    """Features that were deleted may come back elsewhere, with all that they had."""
    for event in ("insert", "update"):
        yield trigger(
            f"gridfield_photo_place_{event}",
            f"AFTER {event.upper()}",
            layer.name,
            "gridfield_photo_place",
            referencing="NEW TABLE AS new_rows",
        )
