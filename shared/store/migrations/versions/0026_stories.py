"""Stories by meaning: what arrived, what happened and why, people's words, and what is of one subject."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "story_arrivals",
        sa.Column("seq", _number(), nullable=False),
        sa.Column("item", _number(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "story_events",
        sa.Column("id", _number(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("item_id", "other_id", "story"):
        op.create_index(f"ix_story_events_{column}", "story_events", [column])
    op.create_table(
        "story_words",
        sa.Column("one", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("one", "other"),
    )
    op.create_index("ix_story_words_other", "story_words", ["other"])
    op.create_table(
        "item_subjects",
        sa.Column("item", _number(), autoincrement=False, nullable=False),
        sa.Column("other", _number(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Float(), nullable=False),
        sa.Column("text", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("item", "other"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_item_subjects_other", "item_subjects", ["other"])
