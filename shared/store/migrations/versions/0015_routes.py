"""Bodies that the mission names; routes that were verified or applied; pages of sitemaps that were passed over."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("named", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sources", sa.Column("verified", UtcDateTime(), nullable=True))
    op.add_column("sources", sa.Column("route", sa.JSON(), nullable=True))
    op.add_column("sources", sa.Column("sitemap", sa.JSON(), nullable=True))
    op.create_table(
        "passed_pages",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("url_key", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "url_key"),
    )
