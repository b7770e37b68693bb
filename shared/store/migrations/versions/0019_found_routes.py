"""A way that was found to read a source that died, and when it was looked for."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("found", sa.JSON(), nullable=True))
    op.add_column("sources", sa.Column("searched", UtcDateTime(), nullable=True))
