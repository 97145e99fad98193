"""A firm's coverage may be set ahead: the day comes by itself."""

from alembic import op

revision = "0022"
down_revision = "0021"

TODAY = "case when p.next_coverage_on <= domain_today() then p.next_coverage else p.coverage end"


def upgrade() -> None:
    """What the coverage becomes and from which day on; the desk follows it from that day."""
    op.execute("""
alter table partners add next_coverage text, add next_coverage_on date,
  add constraint ck_partners_next_coverage check (
    num_nulls(next_coverage, next_coverage_on) in (0, 2) and next_coverage in ('DEDICATED', 'TELE'))
""")
    _followed(TODAY)


def downgrade() -> None:
    """Coverages whose day has come are kept, those to come are not."""
    op.execute(f"update partners p set coverage = {TODAY} where next_coverage_on is not null")
    _followed("p.coverage")
    op.execute("alter table partners drop next_coverage, drop next_coverage_on")


def _followed(coverage: str) -> None:
    op.execute(f"""
create or replace function identity_partner_ids() returns bigint[]
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare me users;
begin
  select u.* into me from identity_session() s join users u on u.id = s.user_id;
  return array(
    select a.partner_id from pam_assignments a
    where a.valid @> domain_today() and (a.pam_id = me.id or a.pam_id in (
      select d.pam_id from delegations d where d.deputy_id = me.id and d.valid @> domain_today()))
    union
    select p.id from partners p where me.tele and {coverage} = 'TELE' and p.unit = 'PST');
end $$""")
