"""What goes with journals: the store's name and generation, who vouches for it, whose first poll is awaited.

A new database gets its name here. One that has people already may be a copy of what has a journal by now: it is
named when it meets one.
"""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lineage = op.create_table(
        "lineage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("restored_at", UtcDateTime(), nullable=True),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "journals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("vouched_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "catching_up",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source"),
    )
    people = sa.select(sa.func.count()).select_from(sa.table("people"))
    if not op.get_bind().execute(people).scalar_one():
        op.bulk_insert(lineage, [{"id": 1, "store": token_hex(16), "generation": 0, "marked": False}])
