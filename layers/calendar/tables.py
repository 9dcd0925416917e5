"""The table of the days that are not as the published calendar has them."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, MetaData, Table

METADATA = MetaData()

HOLIDAYS = Table(
    "holidays",
    METADATA,
    Column("day", sa.Date, primary_key=True),
    Column("works", sa.Boolean, nullable=False),
    Column("name", sa.Text, nullable=False),
    CheckConstraint("char_length(name) <= 100", name="holidays_name"),
)
"""Days that are not as the published calendar has them, or whose year is not published yet:
whether people work on them, and what they are called."""
