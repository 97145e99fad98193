"""Corrections of closed periods: what is proposed, by whom, and who lets it through."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
