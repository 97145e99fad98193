"""A disputed part is not paid while its dispute is open; an accepted line leads to its adjustment and back."""

from alembic import op

from migrations.isolation import open_to, predicate

revision = "0018"
down_revision = "0017"

LETTERS = "kind = 'mail.send' or (kind = 'handover.note' and current_user = 'portal_pam')"
PRINTED = (
    "case when kind = 'statement.render' and subject ~ '^[0-9]{1,18}$'"
    " then exists (select from statements s where s.id = subject::bigint) else false end"
)
SUSPENDED = PRINTED.replace("statement.render", "disputes.suspend")
DUE = """
create or replace function refuse_more_than_due() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare due numeric;
begin
  select payable into due from statements where id = new.statement_id for no key update;
  due := due - (select coalesce(sum(amount), 0) from payments where statement_id = new.statement_id and returned_at is null)
    - (select coalesce(sum(amount), 0) from holds where statement_id = new.statement_id and released_at is null);
%s  if new.amount > due then
    raise exception '%% is more than the %% that is due', new.amount, due
      using errcode = 'check_violation', constraint = tg_table_name || '_within_due';
  end if;
  return new;
end $$"""
DISPUTED = """\
  if tg_table_name = 'payments' then
    due := due - (select coalesce(sum(suspended), 0) from dispute_lines where statement_id = new.statement_id and state = 'open');
  end if;
"""


def upgrade() -> None:
    op.execute(DUE % DISPUTED)
    open_to("dispute_lines", "admin", "s", predicate("admin", "partner_id"))  # who reads what is paid
    _suspended_again()
    _adjusted()


def _suspended_again() -> None:
    """When a dispute ends, workers compute what the open ones of the same statement keep by themselves."""
    open_to("dispute_lines", "worker", "u", "(select identity_role() = 'worker') and state = 'open'")
    op.execute("revoke update on dispute_lines from portal_worker")
    op.execute("grant update (suspended) on dispute_lines to portal_worker")
    op.execute(
        f"alter policy letters_and_prints on work_items with check ({LETTERS} or {PRINTED} or {SUSPENDED})"
    )


def _adjusted() -> None:
    """An accepted line is corrected by one adjustment, unless that one is refused."""
    op.execute(
        "alter table adjustments add column dispute_line_id bigint"
        " constraint fk_adjustments_dispute_line_id references dispute_lines,"
        " add constraint ck_adjustments_disputed check (dispute_line_id is null or by_hand)"
    )
    op.execute(
        "create unique index uq_adjustments_dispute_line_id on adjustments (dispute_line_id) where refused_at is null"
    )
    op.execute("""
create function refuse_false_dispute() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from dispute_lines l join statements s on s.id = l.statement_id
      where l.id = new.dispute_line_id and l.state = 'accepted' and l.partner_id = new.partner_id
        and s.id = new.origin_statement_id) then
    raise exception 'no such line was accepted' using errcode = 'check_violation', constraint = 'adjustments_accepted';
  end if;
  return new;
end $$""")
    op.execute(
        "create trigger adjustments_accepted before insert or update of dispute_line_id on adjustments for each row"
        " when (new.dispute_line_id is not null) execute function refuse_false_dispute()"
    )
    op.execute("revoke execute on function refuse_false_dispute() from public")


def downgrade() -> None:
    op.execute("alter table adjustments drop column dispute_line_id cascade")
    op.execute("drop function refuse_false_dispute() cascade")
    op.execute(f"alter policy letters_and_prints on work_items with check ({LETTERS} or {PRINTED})")
    op.execute("drop policy admin_select on dispute_lines")
    op.execute("revoke select on dispute_lines from portal_admin")
    op.execute("drop policy worker_update on dispute_lines")
    op.execute("revoke update on dispute_lines from portal_worker")
    op.execute(DUE % "")
