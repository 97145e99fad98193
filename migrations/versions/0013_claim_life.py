"""Appeals, revocations, drafts on behalf, reminders, messages with papers."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
