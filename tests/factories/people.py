"""People, firms and who follows whom."""

import hashlib
import itertools
import secrets
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.partners.models import BillingProfile, Coverage, Partner, Segment, Unit
from portal.portfolio.models import PamAssignment
from portal.users.models import Role, User, UserSession, UserState

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def siren(number: int) -> str:
    """A fictional SIREN with a valid checksum: 000 and five digits, then the Luhn key."""
    digits = f"{number:08d}"
    total = sum(sum(divmod(int(digit) * (2 if place % 2 else 1), 10)) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def make_user(owner: Session, role: Role, *, partner: Partner | None = None, **values: object) -> User:
    """An active person of this role."""
    number = next(_numbers)
    given = {
        "email": f"{role}.{number}@palier.example",
        "name": f"Personne {number}",
        "phone": "01 99 00 00 00",
        "state": UserState.ACTIVE,
        "created_at": AT,
        **values,
    }
    user = User(role=role, partner_id=partner.id if partner else None, **given)
    owner.add(user)
    owner.commit()
    return user


def make_pam(owner: Session, **values: object) -> User:
    """An active partner account manager."""
    return make_user(owner, Role.PAM, **values)


def make_partner(owner: Session, *, pam: User | None = None, **values: object) -> Partner:
    """A firm of the Partner Sales Team, followed by this PAM (a new one by default) since its first day."""
    number = next(_numbers)
    given = {
        "code": f"P-{number:05d}",
        "siren": siren(number),
        "legal_name": f"Société {number}",
        "search_name": f"societe {number}",
        "segment": Segment.SSII,
        "settled_coverage": Coverage.DEDICATED,
        "unit": Unit.PST,
        "starts_on": date(2024, 7, 1),
        **values,
    }
    pam = pam or make_pam(owner)
    partner = Partner(**given)
    owner.add(partner)
    owner.flush()
    owner.add(
        PamAssignment(partner_id=partner.id, pam_id=pam.id, starts_on=partner.starts_on, assigned_at=AT)
    )
    owner.commit()
    return partner


def make_session(owner: Session, user: User | None) -> str:
    """Token of a signed-in session of this person, or of the workers."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    owner.add(
        UserSession(
            token_hash=hashlib.sha256(token.encode()).digest(),
            user_id=user.id if user else None,
            service=None if user else "worker",
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=12),
        )
    )
    owner.commit()
    return token


def make_billing(owner: Session, partner: Partner, **values: object) -> BillingProfile:
    """A firm that has said where to be paid, and lets the vendor write its invoices."""
    given = {"iban": "FR7630006000011234567890189", "self_billing_agreed_on": date(2025, 7, 1), **values}
    profile = BillingProfile(partner_id=partner.id, **given)
    owner.add(profile)
    owner.commit()
    return profile
