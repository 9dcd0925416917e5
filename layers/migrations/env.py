"""Alembic's entry: the connection comes from `layers.migrate`, the target from the registry."""

from alembic import context
from geoalchemy2.alembic_helpers import include_object, render_item

from layers.registry import discover
from layers.schema.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(discover()),
    include_object=include_object,
    render_item=render_item,
    transactional_ddl=True,
)

with context.begin_transaction():
    context.run_migrations()
