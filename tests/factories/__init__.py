"""Makers of the rows that tests begin with; each returns a committed ORM row, ids set."""

from tests.factories.claims import make_claim
from tests.factories.people import make_pam, make_partner, make_session, make_user
from tests.factories.programme import make_catalogue, make_order_line, make_period, make_plan

__all__ = [
    "make_catalogue",
    "make_claim",
    "make_order_line",
    "make_pam",
    "make_partner",
    "make_period",
    "make_plan",
    "make_session",
    "make_user",
]
