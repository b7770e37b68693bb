"""How far each lane of a stage was when it was last looked at; sources whose address is only assumed."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "progress",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("lane"),
    )
    op.add_column("sources", sa.Column("assumed", sa.Boolean(), server_default=sa.false(), nullable=False))
