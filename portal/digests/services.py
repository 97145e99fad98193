"""Queueing the digests; a mail only where there is something to say."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from portal import mail
from portal.calendar import add_working_days, day_bounds, paris_date
from portal.db import AnyRow
from portal.digests.queries import count_waiting, month_of_firms, people_of, waiting_claims
from portal.mail import Recipient

SOON = 3  # working days
MOST = 5  # claims named in a letter


def send_daily(*, at: datetime) -> int:
    """Tell each account manager what waits and what is urgent; how many are told."""
    on = paris_date(at)
    urgent: dict[int, list[AnyRow]] = defaultdict(list)
    for row in waiting_claims(on, add_working_days(on, SOON)):
        urgent[row.user_id].append(row)
    told = [row for row in count_waiting(on) if row.to_decide or row.disputes]
    for row in told:
        first = urgent[row.user_id]
        mail.queue(
            "digest.pam", to=[Recipient(row.email, row.name, row.locale, row.user_id)], purpose=on, at=at,
            path="/staff/queue", to_take=row.to_take, to_decide=row.to_decide, late=row.late,
            disputes=row.disputes, soon=len(first),
            urgent=[[one.reference, one.legal_name, one.decide_by.isoformat()] for one in first[:MOST]],
        )  # fmt: skip
    return len(told)


def send_monthly(*, at: datetime) -> int:
    """Tell each firm what last month decided and what it still waits for; how many firms are told."""
    until, _end = day_bounds(paris_date(at).replace(day=1))
    since, _end = day_bounds((until.date() - timedelta(days=1)).replace(day=1))
    firms = {row.partner_id: row for row in month_of_firms(since, until)}
    people: dict[int, list[Recipient]] = defaultdict(list)
    for partner_id, *person in people_of(list(firms)):
        people[partner_id].append(Recipient(*person))
    month = _month_before(paris_date(at))
    for partner_id, row in firms.items():
        mail.queue(
            "digest.partner", to=people[partner_id], purpose=month, at=at, partner_id=partner_id,
            path="/claims", firm=row.legal_name, month=month, approved=row.approved, refused=row.refused,
            asked=row.asked, curable=row.curable, next_day=row.next_day and row.next_day.isoformat(),
        )  # fmt: skip
    return len(firms)


def _month_before(on: date) -> str:
    return (on.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
