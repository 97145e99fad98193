"""The firms' people, how their firms are paid, and the accounts one may sign in with."""

from collections.abc import Iterable, Iterator
from datetime import date
from random import Random
from typing import Any

from portal.demo import names, staff
from portal.demo.calendar import instant
from portal.demo.firms import ARVELIA, Firm, build_firms

Row = dict[str, Any]

# The only people with passwords: role, id, password. Good for a demo alone.
ACCOUNTS = (
    ("partner_admin", 1000 + ARVELIA * 10, "palier-demo-arvelia"),
    ("partner_member", 1001 + ARVELIA * 10, "palier-demo-membre"),
    ("pam", staff.CLAIRE, "palier-demo-pam"),
    ("segment_lead", staff.LEADS["SSII"], "palier-demo-lead"),
    ("programme_manager", staff.PROGRAMME, "palier-demo-programme"),
    ("finance", staff.FINANCE, "palier-demo-finance"),
    ("admin", staff.ADMIN, "palier-demo-admin"),
    ("auditor", staff.AUDITOR, "palier-demo-audit"),
)
OF_ARVELIA = ("Nadia Kerbrane", "Hugo Lanquetel", "Perrine Solvaugue")


def list_accounts() -> list[dict[str, str]]:
    """Role, email, password and partner of each account."""
    arvelia = build_firms()[ARVELIA - 1]
    rows = (*staff.staff_rows(), *firm_people_rows([arvelia]))
    emails = {row["id"]: row["email"] for row in rows}
    return [
        {
            "role": role, "email": emails[user_id], "password": password,
            "partner": arvelia.code if user_id in arvelia.people else "",
        }
        for role, user_id, password in ACCOUNTS
    ]  # fmt: skip


def firm_people_rows(firms: Iterable[Firm]) -> Iterator[Row]:
    """An administrator and the members of each firm."""
    rng = Random("palier:people")
    for firm in firms:
        for place, number in enumerate(firm.people):
            same_name = place if place and firm.id != ARVELIA else ""
            name = OF_ARVELIA[place] if firm.id == ARVELIA and place < len(OF_ARVELIA) else names.person(rng)
            yield {
                "id": number, "email": f"{names.slug(name)}{same_name}@{firm.domain}",
                "name": name, "phone": names.phone(rng.randrange(100, 10000)), "locale": firm.locale,
                "role": "partner_member" if place else "partner_admin", "partner_id": firm.id,
                "segment": None,
                "tele": False, "state": "invited", "created_at": instant(firm.starts_on),
            }  # fmt: skip


def billing_rows(firms: Iterable[Firm]) -> Iterator[Row]:
    """How each firm is paid; one in twelve has not said yet."""
    rng = Random("palier:billing")
    for firm in firms:
        if rng.random() < 0.92 or firm.id == ARVELIA:
            agreed = rng.random() < 0.95 or firm.id == ARVELIA
            yield {
                "partner_id": firm.id, "iban": iban(firm.id), "vat_number": vat_number(firm.siren),
                "self_billing_agreed_on": max(firm.starts_on, date(2024, 9, 2)) if agreed else None,
                "delivery": "attach" if firm.id == ARVELIA or rng.random() < 0.7 else "link",
            }  # fmt: skip


def contact_rows(firms: Iterable[Firm]) -> Iterator[Row]:
    """To whom statements are mailed: the accounts of each firm, and Arvélia's administrator."""
    for firm in firms:
        yield {
            "partner_id": firm.id, "email": f"comptabilite@{firm.domain}", "name": "Comptabilité",
            "locale": firm.locale,
        }  # fmt: skip
        if firm.id == ARVELIA:
            yield {
                "partner_id": firm.id, "email": f"{names.slug(OF_ARVELIA[0])}@{firm.domain}",
                "name": OF_ARVELIA[0], "locale": firm.locale,
            }  # fmt: skip


def iban(number: int) -> str:
    """A French IBAN of a bank that does not exist, with valid keys."""
    bank, branch, account = 99999, 1, number
    key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    bban = f"{bank:05d}{branch:05d}{account:011d}{key:02d}"
    check = 98 - int(f"{bban}152700") % 97
    return f"FR{check:02d}{bban}"


def vat_number(siren: str) -> str:
    """The intra-community VAT number that goes with a SIREN."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
