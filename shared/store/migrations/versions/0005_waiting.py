"""Since when a match waits in its present mode, where that is not the one it matched in."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matches", sa.Column("waits_since", UtcDateTime(), nullable=True))
