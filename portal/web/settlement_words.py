"""What became of a statement's money, as a badge: a kind and a word."""

from datetime import date

from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.statements import Stated


def settlement(stated: Stated, on: date) -> tuple[str, str]:
    """Paid on a day, on hold, in dispute, expected for a day, carried on, or nothing to pay."""
    if stated.paid_on is not None:
        return "ok", _("paid on %(day)s", day=format_date(stated.paid_on, "medium"))
    if stated.settled.held and not stated.due:
        return "stop", _("on hold")
    if stated.settled.held:
        return "stop", _("partly on hold")
    if stated.suspended:
        return "wait", _("partly in dispute") if stated.due else _("in dispute")
    if stated.settled.paid:
        return "wait", _("partly paid")
    if stated.payable > 0:
        return "wait", expected(stated, on)
    if stated.carry_out > 0:
        return "stop", _("carried on, below the smallest payment")
    if stated.carry_out < 0:
        return "stop", _("negative balance carried on")
    return "quiet", _("nothing to pay")


def expected(stated: Stated, on: date) -> str:
    """When what is due of it is paid, or since when it should have been."""
    day = format_date(stated.pays_on, "day")
    return _("expected on %(day)s", day=day) if stated.pays_on >= on else _("due since %(day)s", day=day)
