"""The first schema."""

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written from the table modules while the first version is being built."""
    from alembic import op

    from shared.store.tables import whole_metadata

    whole_metadata().create_all(op.get_bind())
    try:
        from shared.archive import search_schema
    except ImportError:  # while the first version is being built
        return
    search_schema.create(op.get_bind())
