"""What features are called, in an index by its beginning.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TITLES = {
    "name": (
        "courtyards",
        "divisions",
        "grid_fields",
        "markets",
        "road_segments",
        "shops",
        "streets",
        "water",
        "work_units",
    ),
    "number": (
        "courtyard_works",
        "illegal_structures",
        "market_inspections",
        "shop_inspections",
        "sites",
    ),
}


def upgrade() -> None:
    for title, layers in _TITLES.items():
        for layer in layers:
            start = sa.text(f'(left({title}, 40) COLLATE "C")')
            op.create_index(f"{layer}_named", layer, [start], unique=False)


def downgrade() -> None:
    for layers in _TITLES.values():
        for layer in layers:
            op.drop_index(f"{layer}_named", table_name=layer)
