"""Which account manager follows which partner, on which days."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Instant, Model


class PamAssignment(Model):
    """A partner's PAM on `[starts_on, ends_before)`; together they cover the partner's life."""

    __tablename__ = "pam_assignments"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    pam_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_on: Mapped[date]
    ends_before: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime] = mapped_column(Instant)


class Delegation(Model):
    """An absent PAM's deputy; the assignment stays as it is."""

    __tablename__ = "delegations"

    id: Mapped[int] = mapped_column(primary_key=True)
    pam_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_on: Mapped[date]
    ends_before: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Instant)
