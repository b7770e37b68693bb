"""The first schema: sources, archive, subscriptions, heartbeats, and the full-text index.

Written out, not taken from the table modules, so that it stays what it was; a test compares the two.
"""

import sqlalchemy as sa
from alembic import op

from shared.archive import search_schema
from shared.store.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_consents_address_hash"), "consents", ["address_hash"], unique=False)
    op.create_index(op.f("ix_consents_person"), "consents", ["person"], unique=False)
    op.create_index(op.f("ix_consents_subscription"), "consents", ["subscription"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("corrected_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "label"),
    )
    op.create_table(
        "evaluated_items",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index(op.f("ix_evaluated_items_at"), "evaluated_items", ["at"], unique=False)
    op.create_table(
        "heartbeats",
        sa.Column("instance", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("alive_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("instance", "stage"),
    )
    op.create_table(
        "held_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("collected", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("held_entries_open", "held_entries", ["source", "released_at"], unique=False)
    op.create_table(
        "item_organisations",
        sa.Column(
            "item", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("item", "organisation"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "item_organisations_organisation", "item_organisations", ["organisation", "item"], unique=False
    )
    op.create_table(
        "item_themes",
        sa.Column(
            "item", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("item", "theme"),
        sqlite_with_rowid=False,
    )
    op.create_index("item_themes_theme", "item_themes", ["theme", "item"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_name", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("published", UtcDateTime(), nullable=True),
        sa.Column("updated", UtcDateTime(), nullable=True),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("sort_at", UtcDateTime(), nullable=False),
        sa.Column("revised_at", UtcDateTime(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("entered_in_bulk", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("classified_at", UtcDateTime(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sovereignty", sa.Float(), nullable=False),
        sa.Column("franco_german", sa.Boolean(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("organisations", sa.JSON(), nullable=False),
        sa.Column("guid", sa.String(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("declared_language", sa.String(), nullable=True),
        sa.Column("published_raw", sa.String(), nullable=True),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("items_newest", "items", ["sort_at", "id"], unique=False)
    op.create_index("items_source_newest", "items", ["source", "sort_at", "id"], unique=False)
    op.create_index(op.f("ix_items_first_seen"), "items", ["first_seen"], unique=False)
    op.create_index(op.f("ix_items_story"), "items", ["story"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address"),
    )
    op.create_table(
        "revisions",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "revision"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "seen_entries",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("url_key", sa.String(), nullable=True),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("text_key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("published", UtcDateTime(), nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "entry_key"),
    )
    op.create_index(op.f("ix_seen_entries_item_id"), "seen_entries", ["item_id"], unique=False)
    op.create_index("seen_entries_text", "seen_entries", ["source", "text_key"], unique=False)
    op.create_index("seen_entries_title", "seen_entries", ["source", "title_key"], unique=False)
    op.create_index("seen_entries_url", "seen_entries", ["source", "url_key"], unique=False)
    op.create_table(
        "sightings",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "source"),
    )
    op.create_index("sightings_source", "sightings", ["source", "item_id"], unique=False)
    op.create_table(
        "sources",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("homepage", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("resumed", sa.Boolean(), nullable=False),
        sa.Column("off_reason", sa.String(), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("robots_override", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("full_text", sa.Boolean(), nullable=False),
        sa.Column("checked", sa.String(), nullable=False),
        sa.Column("listing", sa.JSON(), nullable=True),
        sa.Column("mailbox", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error_score", sa.Float(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("errors_in_row", sa.Integer(), nullable=False),
        sa.Column("moved_to", sa.String(), nullable=True),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("claim_token", sa.String(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("body_hash", sa.String(), nullable=True),
        sa.Column("validators_lie", sa.Boolean(), nullable=False),
        sa.Column("last_body", UtcDateTime(), nullable=True),
        sa.Column("gap", sa.Float(), nullable=True),
        sa.Column("ttl", sa.Float(), nullable=True),
        sa.Column("max_age", sa.Float(), nullable=True),
        sa.Column("last_fetch", UtcDateTime(), nullable=True),
        sa.Column("first_success", UtcDateTime(), nullable=True),
        sa.Column("last_success", UtcDateTime(), nullable=True),
        sa.Column("last_new_item", UtcDateTime(), nullable=True),
        sa.Column("newest_published", UtcDateTime(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("parses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sources_due", "sources", ["enabled", "next_due"], unique=False)
    op.create_table(
        "story_aliases",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("alias"),
    )
    op.create_index(op.f("ix_story_aliases_story"), "story_aliases", ["story"], unique=False)
    op.create_table(
        "story_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sort_at", UtcDateTime(), nullable=False),
        sa.Column(
            "item", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "sort_at", "item"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_story_keys_item"), "story_keys", ["item"], unique=False)
    op.create_table(
        "subscriptions_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "verdicts",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("classified_at", UtcDateTime(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sovereignty", sa.Float(), nullable=False),
        sa.Column("franco_german", sa.Boolean(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("organisations", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "revision", "model"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_subscriptions_confirmed_at"), "subscriptions", ["confirmed_at"], unique=False)
    op.create_index(op.f("ix_subscriptions_person"), "subscriptions", ["person"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("subscription", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("bundle", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["subscriptions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_deliveries_created_at"), "deliveries", ["created_at"], unique=False)
    op.create_index("ix_deliveries_next", "deliveries", ["state", "priority", "due_at"], unique=False)
    op.create_index(op.f("ix_deliveries_person"), "deliveries", ["person"], unique=False)
    op.create_table(
        "digest_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person", "local_date", "slot"),
    )
    op.create_table(
        "matches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("matched_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person", "story"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_matches_item_id"), "matches", ["item_id"], unique=False)
    op.create_index(op.f("ix_matches_story"), "matches", ["story"], unique=False)
    op.create_index("ix_matches_unassigned", "matches", ["delivery_id", "due_at"], unique=False)
    op.create_table(
        "match_subscriptions",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"],
            ["matches.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["subscriptions.id"],
        ),
        sa.PrimaryKeyConstraint("match_id", "subscription"),
    )
    op.create_index(
        op.f("ix_match_subscriptions_subscription"), "match_subscriptions", ["subscription"], unique=False
    )
    op.execute("INSERT INTO subscriptions_version (id, version) VALUES (1, 0)")
    search_schema.create(op.get_bind())
