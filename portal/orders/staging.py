"""The file beside what is already known, in PostgreSQL: every line at once, never one by one."""

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import text

from portal.db import AnyRow, db
from portal.orders.inputs import MOST_FAULTS, Fault
from portal.orders.lines import OrderRow

_NAMES = [one.name for one in fields(OrderRow)]
_COLUMNS, _cells = ", ".join(_NAMES), attrgetter(*_NAMES)
_CONTENT = (
    "reseller_name, reseller_id, named_partner_id, agreement, enrolment_no, customer_siren, customer_name, "
    "family, amount, currency, ordered_at, status"
)
_CREATE = """
drop table if exists pg_temp.order_file; create temporary table order_file (
  line integer, order_no text, line_no integer, version integer, reseller_name text, reseller_id bigint,
  named_partner_id bigint, agreement text, enrolment_no text, customer_siren text, customer_name text,
  family text, amount numeric(18,2), currency text, ordered_at timestamptz, ordered_on date, status text
) on commit drop"""
_ANALYSE = ("create index on order_file (order_no, line_no)", "analyze order_file")

# What each line of the file is to the lines already known.
_NEWS = f"""
select f.line, f.status, f.amount, f.currency, f.ordered_on, case
    when o.id is null and now.id is null then 'created'
    when o.id is not null and ({", ".join(f"o.{name.strip()}" for name in _CONTENT.split(","))})
      is not distinct from ({", ".join(f"f.{name.strip()}" for name in _CONTENT.split(","))}) then 'unchanged'
    when o.id is not null then 'version_rewritten'
    when f.version < now.version then 'version_older'
    else 'amended' end as news
from order_file f
left join order_lines o on o.order_no = f.order_no and o.line_no = f.line_no and o.version = f.version
left join order_lines now on now.order_no = f.order_no and now.line_no = f.line_no and now.is_current"""

_REPEATED = """
select f.line, f.order_no, min(g.line) as first from order_file f
join order_file g on g.order_no = f.order_no and g.line_no = f.line_no and g.line < f.line
group by f.line, f.order_no order by f.line limit :most"""

_SUPERSEDE = f"""
update order_lines o set is_current = false
from order_file f join ({_NEWS}) n on n.line = f.line and n.news = 'amended'
where o.order_no = f.order_no and o.line_no = f.line_no and o.is_current"""

_INSERT = f"""
insert into order_lines (import_id, order_no, line_no, version, {_CONTENT}, ordered_on)
select :import, order_no, line_no, version, {_CONTENT}, ordered_on from order_file f
where not exists (
  select from order_lines o where o.order_no = f.order_no and o.line_no = f.line_no and o.version = f.version)
order by line"""


def stage(rows: Iterable[OrderRow]) -> None:
    """Copy the read lines into a table of this transaction."""
    connection = db.session.connection()
    connection.execute(text(_CREATE))
    with _cursor(connection) as cursor, cursor.copy(f"copy order_file ({_COLUMNS}) from stdin") as copy:
        for row in rows:
            copy.write_row(_cells(row))
    for statement in _ANALYSE:
        connection.execute(text(statement))


def _cursor(connection: Any) -> Any:
    return connection.connection.driver_connection.cursor()


def find_conflicts() -> list[Fault]:
    """Lines given twice in the file, or that contradict a version already imported."""
    repeated = db.session.execute(text(_REPEATED), {"most": MOST_FAULTS}).all()
    faults = [Fault(row.line, "order_no", "line_repeated", str(row.first)) for row in repeated]
    against = db.session.execute(
        text(f"select line, news from ({_NEWS}) n where news like 'version%' order by line limit :most"),
        {"most": MOST_FAULTS},
    ).all()
    return faults + [Fault(row.line, "version", row.news) for row in against]


def count_news() -> AnyRow:
    """How many lines are created, amended, cancelled among those, unchanged, and what they are worth."""
    return db.session.execute(
        text(f"""
select count(*) as lines, count(*) filter (where news = 'created') as created,
  count(*) filter (where news = 'amended') as amended,
  count(*) filter (where news = 'unchanged') as unchanged,
  count(*) filter (where status = 'cancelled' and news <> 'unchanged') as cancelled,
  coalesce(sum(case when currency = 'EUR' then amount else euros(amount, currency, ordered_on) end)
    filter (where status = 'booked' and news <> 'unchanged'), 0) as amount
from ({_NEWS}) n""")
    ).one()


def take_in(import_id: int) -> None:
    """Write what is new; the versions before it stay, no longer current."""
    db.session.execute(text(_SUPERSEDE))
    db.session.execute(text(_INSERT), {"import": import_id})
