"""The mailbox that an address leads to, for limits."""

import sqlalchemy as sa
from alembic import op

from shared.subscriptions.addresses import mailbox

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("mailbox", sa.String(), nullable=True))
    people = sa.table("people", sa.column("id"), sa.column("address"), sa.column("mailbox"))
    connection = op.get_bind()
    rows = connection.execute(sa.select(people.c.id, people.c.address)).all()
    known = [{"person": id_, "box": mailbox(address)} for id_, address in rows]
    if known:
        filled = sa.update(people).where(people.c.id == sa.bindparam("person")).values(mailbox=sa.bindparam("box"))
        connection.execute(filled, known)
    op.create_index(op.f("ix_people_mailbox"), "people", ["mailbox"], unique=False)
