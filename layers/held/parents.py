"""What the database holds about records that belong to others: SQL for `layers.guards`.

Nothing belongs to what is not there or to what is another division's; what lies nowhere lies where
its parent does; a sum over what belongs to a record is kept in it. What may be put right within a
transaction is looked at when it commits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from layers.declaring.relations import Parent
from layers.declaring.words import Field, Layer, Type
from layers.held.placing import REACH
from layers.held.wiring import Schemas, function, literal, quoted, trigger

_SUMMED = {Type.DECIMAL: "double precision", Type.INTEGER: "bigint"}
_EVENTS = (
    ("INSERT", "NEW TABLE AS new_rows"),
    ("UPDATE", "NEW TABLE AS new_rows OLD TABLE AS old_rows"),
    ("DELETE", "OLD TABLE AS old_rows"),
)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A layer, the one that its records belong to, and how SQL says it."""

    child: Layer
    parent: Layer
    said: Parent

    @property
    def own(self) -> str:
        return quoted(self.child.name)

    @property
    def theirs(self) -> str:
        return quoted(self.parent.name)

    @property
    def names(self) -> str:
        """The child's column that names its parent."""
        return quoted(self.said.field)

    @property
    def key(self) -> str:
        return quoted(self.said.key)

    def children_of(self, key: str) -> str:
        """What belongs to the record with this key, found by the index over its digest."""
        return f"md5({self.names}) = md5({key}) AND {self.names} = {key}"

    def parent_with(self, key: str) -> str:
        """The record with this key, found by the index over the layer's key."""
        field = self.parent.field(self.said.key)
        exact = f"{self.key} = {key}"
        plain = field.choices or field.pattern
        return exact if plain else f"md5({self.key}) = md5({key}) AND {exact}"


def statements(layers: Iterable[Layer], schemas: Schemas) -> Iterator[str]:
    """Functions and triggers for every layer whose records belong to those of another."""
    known = {layer.name: layer for layer in layers}
    for layer in known.values():
        if layer.parent and layer.parent.layer in known:
            pair = _Pair(layer, known[layer.parent.layer], layer.parent)
            yield from _belonging(pair, schemas)
            for own, theirs in layer.parent.adds:
                yield from _added(pair, layer.field(own), pair.parent.field(theirs), schemas)


def _belonging(pair: _Pair, schemas: Schemas) -> Iterator[str]:
    child = pair.child.name
    name = f"gridfield_parent_{child}"
    yield function(name, _named(pair), schemas)
    watched = [pair.names, *([quoted(pair.child.belongs)] if pair.child.belongs else [])]
    event = f"AFTER INSERT OR UPDATE OF {', '.join(watched)}"
    given = f"NEW.{pair.names} IS NOT NULL"
    yield trigger("gridfield_parent", event, child, name, when=given, deferred=True)
    name = f"gridfield_kept_{child}"
    yield function(name, _kept(pair), schemas)
    event = f"AFTER DELETE OR UPDATE OF {pair.key}"
    yield trigger(name, event, pair.parent.name, name, deferred=True)
    if pair.child.belongs:
        name = f"gridfield_moved_{child}"
        yield function(name, _moved(pair, quoted(pair.child.belongs)), schemas)
        for event, tables in _EVENTS[:2]:
            each = f"{name}_{event.lower()}"
            yield trigger(each, f"AFTER {event}", pair.parent.name, name, referencing=tables)


def _named(pair: _Pair) -> str:
    """As the row is by now. What is another division's is not told from what is not there."""
    unknown = literal(f"{pair.child.name} names a record of {pair.parent.name} that is not there")
    elsewhere = literal(f"what belongs to a record of {pair.parent.name} lies where that lies")
    bound = "lies <> own AND lies <> 0" if pair.child.belongs else "false"
    return f"""
DECLARE
  {REACH}
  told text;
  own bigint;
  lies bigint;
BEGIN
  SELECT {pair.names}, place INTO told, own FROM {pair.own} WHERE id = NEW.id;
  IF told IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT place INTO lies FROM {pair.theirs} WHERE {pair.parent_with("told")} FOR KEY SHARE;
  IF lies IS NULL OR lies NOT BETWEEN reach_low AND reach_high THEN
    RAISE EXCEPTION '%', {unknown} USING ERRCODE = 'foreign_key_violation';
  ELSIF {bound} THEN
    RAISE EXCEPTION '%', {elsewhere} USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END"""


def _kept(pair: _Pair) -> str:
    """Records that exchange their keys leave the table and come back."""
    told = literal(f"records of {pair.child.name} belong to what is taken away")
    return f"""
BEGIN
  IF EXISTS (SELECT FROM {pair.own} WHERE {pair.children_of(f"OLD.{pair.key}")})
    AND NOT EXISTS (SELECT FROM {pair.theirs} WHERE {pair.parent_with(f"OLD.{pair.key}")}) THEN
    RAISE EXCEPTION '%', {told} USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END"""


def _moved(pair: _Pair, belongs: str) -> str:
    """Parents that exchange their keys come back as new ones, elsewhere maybe.

    Planned anew each time: a plan made for one row would be used for a million.
    """
    return f"""
BEGIN
  IF EXISTS (SELECT FROM {pair.own}) THEN
    EXECUTE format($sql$
      UPDATE {pair.own} c SET {belongs} = lpad(n.place::text, 12, '0') FROM (%s) n
      WHERE md5(c.{pair.names}) = md5(n.{pair.key}) AND c.{pair.names} = n.{pair.key}
        AND c.place <> n.place AND n.place <> 0
    $sql$, CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_rows' ELSE
      'SELECT n.* FROM new_rows n JOIN old_rows o USING (id) WHERE n.place <> o.place' END);
  END IF;
  RETURN NULL;
END"""


# --- sums -----------------------------------------------------------------------------------------
def _added(pair: _Pair, own: Field, theirs: Field, schemas: Schemas) -> Iterator[str]:
    column = quoted(theirs.name)
    total = f"sum({quoted(own.name)}::numeric)::{_SUMMED[theirs.type]}"
    name = f"gridfield_add_{pair.child.name}_{own.name}"
    yield function(name, _adding(pair, total, column), schemas)
    for event, tables in _EVENTS:
        each = f"{name}_{event.lower()}"
        yield trigger(each, f"AFTER {event}", pair.child.name, name, referencing=tables)
    name = f"gridfield_sum_{pair.child.name}_{own.name}"
    yield function(name, _summing(pair, total, column), schemas)
    event = f"BEFORE INSERT OR UPDATE OF {column}, {pair.key}"
    yield trigger(name, event, pair.parent.name, name, row=True)


def _adding(pair: _Pair, total: str, column: str) -> str:
    """The parents first are locked and then added up: whoever is second sees what the first did."""
    named = f"SELECT {pair.names} AS k FROM"
    return f"""
DECLARE
  keys text[];
BEGIN
  EXECUTE format('SELECT array_agg(DISTINCT k) FROM (%s) t WHERE k IS NOT NULL', CASE TG_OP
    WHEN 'INSERT' THEN '{named} new_rows'
    WHEN 'DELETE' THEN '{named} old_rows'
    ELSE '{named} new_rows UNION {named} old_rows' END) INTO keys;
  IF keys IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM FROM {pair.theirs} p JOIN unnest(keys) k ON {pair.parent_with("k")}
  ORDER BY p.id FOR NO KEY UPDATE OF p;
  UPDATE {pair.theirs} p SET {column} = s.total
  FROM (
    SELECT k, (SELECT {total} FROM {pair.own} c WHERE {pair.children_of("k")}) AS total
    FROM unnest(keys) k
  ) s
  WHERE {pair.parent_with("s.k")} AND p.{column} IS DISTINCT FROM s.total
    AND (s.total IS NOT NULL OR TG_OP <> 'INSERT');
  RETURN NULL;
END"""


def _summing(pair: _Pair, total: str, column: str) -> str:
    """What is brought for a sum gives way to it, where there is anything to add up."""
    children = pair.children_of(f"NEW.{pair.key}")
    return f"""
DECLARE
  summed {total.rpartition("::")[2]};
BEGIN
  SELECT {total} INTO summed FROM {pair.own} WHERE {children};
  NEW.{column} := coalesce(summed, NEW.{column});
  RETURN NEW;
END"""
