"""The most urgent item is found without looking at all that wait."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Keep what is ready in the order in which workers take it."""
    op.execute(
        "create index ix_work_items_urgency on work_items (priority desc, run_after) where state = 'ready'"
    )


def downgrade() -> None:
    """Look at all of it again."""
    op.execute("drop index ix_work_items_urgency")
