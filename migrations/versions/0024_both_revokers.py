"""A firm reads who proposed to take an approval back, beside who confirmed it."""

from alembic import op

from migrations.isolation import predicate

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Of a revocation that took effect, the firm may know the proposer; of others, nothing."""
    op.execute(
        "grant select (partner_id, claim_id, proposed_by_id, confirmed_at) on claim_revocations to portal_partner"
    )
    op.execute(
        "create policy partner_select on claim_revocations for select to portal_partner"
        f" using ({predicate('partner', 'partner_id')} and confirmed_at is not null)"
    )


def downgrade() -> None:
    """The firm reads of the confirmation only."""
    op.execute("drop policy partner_select on claim_revocations")
    op.execute(
        "revoke select (partner_id, claim_id, proposed_by_id, confirmed_at) on claim_revocations from portal_partner"
    )
