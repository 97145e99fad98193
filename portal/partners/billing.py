"""How a firm is paid: bank account, VAT number, self-billing, and who receives its statements."""

from datetime import date, datetime

from sqlalchemy import delete, select
from stdnum import iban as iban_number
from stdnum.eu import vat as vat_number_of_europe
from stdnum.exceptions import ValidationError as BadNumber

from portal import audit
from portal.db import AnyRow, db
from portal.errors import Invalid, NotFound
from portal.partners.bank import propose_bank_change
from portal.partners.emails import tell_of_bank_account
from portal.partners.models import BillingContact, BillingProfile, Partner


def get_payee(partner_id: int) -> AnyRow:
    """(code, siren, legal_name, locale) of the firm to be paid."""
    return db.session.execute(
        select(Partner.code, Partner.siren, Partner.legal_name, Partner.locale).where(
            Partner.id == partner_id
        )
    ).one()


def find_payee(code: str) -> AnyRow:
    """(id, legal_name) of the firm with this code, as typed; raise Invalid when there is none."""
    found = db.session.execute(
        select(Partner.id, Partner.legal_name).where(Partner.code == code.strip().upper())
    ).one_or_none()
    if found is None:
        raise Invalid({"partner_code": "firm_unknown"})
    return found


def find_billing_profile(partner_id: int) -> BillingProfile | None:
    """How the firm is paid, once it has said so."""
    return db.session.get(BillingProfile, partner_id)


def list_billing_contacts(partner_id: int) -> list[AnyRow]:
    """(email, name, locale) of those who receive the statements."""
    return list(
        db.session.execute(
            select(BillingContact.email, BillingContact.name, BillingContact.locale)
            .where(BillingContact.partner_id == partner_id)
            .order_by(BillingContact.email)
        )
    )


def save_billing_profile(
    *,
    partner_id: int,
    iban: str,
    vat_number: str,
    delivery: str,
    self_billing: bool,
    actor_id: int,
    at: datetime,
    on: date,
) -> None:
    """Keep the firm's bank account, VAT number, and whether the vendor may write its invoices.

    A bank account that is known is not replaced here: the change waits for a second person.
    """
    iban, vat_number = _checked(iban, vat_number, siren=get_payee(partner_id).siren)
    profile = find_billing_profile(partner_id) or BillingProfile(partner_id=partner_id)
    before, first = (profile.iban or "")[-4:], profile.iban is None
    if first:
        profile.iban = iban or None
    elif profile.iban != (iban or None):
        propose_bank_change(profile=profile, iban=iban or None, actor_id=actor_id, at=at)
    profile.vat_number, profile.delivery = vat_number or None, delivery
    profile.self_billing_agreed_on = (profile.self_billing_agreed_on or on) if self_billing else None
    db.session.add(profile)
    audit.record(
        "billing.saved", subject=("partner", partner_id), at=at, actor_id=actor_id, partner_id=partner_id,
        iban_before=before, iban_after=iban[-4:], vat_number=vat_number, delivery=delivery,
        self_billing=self_billing,
    )  # fmt: skip
    if iban and first:
        tell_of_bank_account(partner_id, "first", before="", after=iban, asked_by_id=actor_id, at=at)


def _checked(iban: str, vat_number: str, *, siren: str) -> tuple[str, str]:
    """Both numbers in their compact form; raise Invalid for those that cannot be."""
    faults = {}
    try:
        iban = iban_number.validate(iban) if iban.strip() else ""
    except BadNumber:
        faults["iban"] = "iban_key"
    try:
        vat_number = vat_number_of_europe.validate(vat_number) if vat_number.strip() else ""
        if vat_number.startswith("FR") and vat_number[4:] != siren:
            faults["vat_number"] = "vat_of_another"
    except BadNumber:
        faults["vat_number"] = "vat_key"
    if faults:
        raise Invalid(faults)
    return iban, vat_number


def add_billing_contact(
    *, partner_id: int, email: str, name: str, locale: str, actor_id: int, at: datetime
) -> None:
    """Somebody more receives the firm's statements."""
    if email in {contact.email for contact in list_billing_contacts(partner_id)}:
        raise Invalid({"email": "contact_known"})
    db.session.add(BillingContact(partner_id=partner_id, email=email, name=name, locale=locale))
    audit.record(
        "billing.contact_added", subject=("partner", partner_id), at=at, actor_id=actor_id,
        partner_id=partner_id, email=email,
    )  # fmt: skip


def remove_billing_contact(*, partner_id: int, email: str, actor_id: int, at: datetime) -> None:
    """Somebody no longer receives the firm's statements."""
    gone = db.session.execute(
        delete(BillingContact)
        .where(BillingContact.partner_id == partner_id, BillingContact.email == email)
        .returning(BillingContact.id)
    ).first()
    if gone is None:
        raise NotFound
    audit.record(
        "billing.contact_removed", subject=("partner", partner_id), at=at, actor_id=actor_id,
        partner_id=partner_id, email=email,
    )  # fmt: skip
