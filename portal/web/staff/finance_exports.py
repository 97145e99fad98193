"""What finance takes away: accrual, payments due, the journal, a year's payments; all sum to the ledger."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from portal import clock, disputes, ledger, statements
from portal.access import requires
from portal.calendar import paris_date
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.i18n import use_locale
from portal.ledger import Days
from portal.ledger.entries import ACCRUED, HELD, PAYABLE
from portal.web.account import Page
from portal.web.dispute_words import REASONS
from portal.web.exports import streamed
from portal.web.payment_words import ROUTES, blocked, transfer_kind
from portal.web.staff.ledger_words import ACCOUNTS, COMPONENTS, ENTRIES

bp = Blueprint("exports", __name__, url_prefix="/staff/exports")
FEC = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum",
    "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet",
    "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip
Rows = Iterator[tuple[Any, ...]]


@bp.get("")
@requires("export:read")
def index() -> Page:
    """The exports, each with what it holds and what it sums to."""
    return render_template(
        "staff/exports/index.html", on=clock.today(), years=ledger.years_paid(), balances=ledger.balances(),
        account_words=ACCOUNTS,
    )  # fmt: skip


@bp.get("/accrual.<any(csv, xlsx):kind>")
@requires("export:read")
def accrual(kind: str) -> Response:
    """Margins granted, by period, partner, component and settlement type, up to a day."""
    on = day("on") or clock.today()
    heads = (
        _("Period"),
        _("Partner"),
        _("Name"),
        _("Kind"),
        _("Component"),
        _("Settlement type"),
        _("Amount"),
    )
    return streamed(kind, f"accrual-{on.isoformat()}", heads, _accrual(on))


def _accrual(on: date) -> Rows:
    for row in statements.stream_accrual(on):
        component = COMPONENTS.get(row.component, row.component)
        yield (
            row.period,
            row.code,
            row.legal_name,
            ENTRIES[row.kind],
            component,
            ROUTES[row.route],
            row.amount,
        )


@bp.get("/due.<any(csv, xlsx):kind>")
@requires("export:read")
def due(kind: str) -> Response:
    """What is to be paid today, and what blocks it."""
    heads = (
        _("Statement"), _("Period"), _("Partner"), _("Name"), "SIREN", _("Payable"), _("Paid"), _("On hold"),
        _("In dispute"), _("Due"), _("Expected on"), _("IBAN"), _("Blockers"), _("Reasons of the holds"),
        _("Disputes"),
    )  # fmt: skip
    on = clock.today()
    return streamed(kind, f"due-{on.isoformat()}", heads, _due(on))


def _due(on: date) -> Rows:
    contested = disputes.open_by_statement()
    for row in statements.stream_open():
        words = ", ".join(word for _kind, word in blocked(row, on))
        yield (
            row.number, row.period, row.code, row.legal_name, row.siren, row.payable, row.paid, row.held,
            row.suspended, row.due, row.pays_on, row.iban or "", words, " / ".join(row.why or ()),
            " / ".join(f"{one.position}: {REASONS[one.reason]}" for one in contested.get(row.id, ())),
        )  # fmt: skip


@bp.get("/journal.<any(csv, xlsx, txt):kind>")
@requires("export:read")
def journal(kind: str) -> Response:
    """Every posting in the columns of the French accounting file (FEC), debits equal to credits."""
    days = Days(day("from"), day("to"))
    with use_locale("fr"):  # as the law asks, whoever takes it away
        return streamed(kind, _journal_name(kind, days), FEC, _journal(days))


def _journal_name(kind: str, days: Days) -> str:
    """Of the file itself, the name that the tax authorities ask for, where the vendor's SIREN is known."""
    siren = current_app.config["SETTINGS"].vendor_siren
    return f"{siren}FEC{_fec(days.last or clock.today())}" if kind == "txt" and siren else "journal"


def _journal(days: Days) -> Rows:
    for row in ledger.stream_journal(days):
        owed = row.account in (ACCRUED, PAYABLE, HELD)
        code, journal = ("BQ", _("Bank")) if row.by_bank else ("OD", _("Margins"))
        letters, lettered = (_letters(row.matched), _fec(row.matched_on)) if row.matched else ("", "")
        written = f"{ENTRIES[row.kind]} {row.period} {row.code}"
        debit, credit = max(row.amount, Decimal(0)), max(-row.amount, Decimal(0))
        yield (
            code, journal, row.number, _fec(row.posted_on), row.account, ACCOUNTS.get(row.account, ""),
            row.code if owed else "", row.legal_name if owed else "", row.reference or str(row.number),
            _fec(row.posted_on), written, _comma(debit), _comma(credit), letters,
            lettered,
            _fec(paris_date(row.posted_at)), "", "",
        )  # fmt: skip


def _letters(number: int) -> str:
    """The letters of what settles one another: A to Z, then AA."""
    found = ""
    while number:
        number, place = divmod(number - 1, 26)
        found = chr(ord("A") + place) + found
    return found


def _fec(on: date) -> str:
    return on.strftime("%Y%m%d")


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


@bp.get("/das2-<int:year>.<any(csv, xlsx):kind>")
@requires("export:read")
def das2(year: int, kind: str) -> Response:
    """What each partner was paid in a calendar year, for the yearly return of commissions (DAS2)."""
    if not 2000 <= year <= 2099:
        raise NotFound
    heads = (
        _("Year"), _("Partner"), "SIREN", _("Name"), _("Address"), _("Postcode"), _("City"), _("Payments"),
        _("Paid, excluding VAT"),
    )  # fmt: skip
    return streamed(kind, f"das2-{year}", heads, _das2(year))


def _das2(year: int) -> Rows:
    for row in ledger.stream_paid(year):
        yield (
            year, row.code, row.siren, row.legal_name, " ".join(row.address.splitlines()), row.postcode,
            row.city, row.payments, row.paid,
        )  # fmt: skip


@bp.get("/transfers-<int:year>.<any(csv, xlsx):kind>")
@requires("export:read")
def transfers(year: int, kind: str) -> Response:
    """Each transfer of a calendar year; they sum to its DAS2 and to the bank's account."""
    if not 2000 <= year <= 2099:
        raise NotFound
    heads = (
        _("Value date"), _("Partner"), _("Name"), _("Kind"), _("Period"), _("Bank reference"),
        _("Paid, excluding VAT"),
    )  # fmt: skip
    return streamed(kind, f"transfers-{year}", heads, _transfers(year))


def _transfers(year: int) -> Rows:
    for row in ledger.stream_transfers(year):
        yield (
            row.posted_on, row.code, row.legal_name, transfer_kind(row), row.period, row.reference, row.paid
        )  # fmt: skip


def day(name: str) -> date | None:
    """A day of the URL, written 2026-12-31; none where it is none."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
