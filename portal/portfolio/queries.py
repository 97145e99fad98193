"""Who follows whom, on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import aliased

from portal.db import AnyRow, AnySelect, db
from portal.errors import NotFound
from portal.partners import search_key
from portal.partners.models import Coverage, Partner
from portal.portfolio.models import (
    Delegation,
    PamAssignment,
    Promise,
    Reorganisation,
    ReorganisationLine,
)
from portal.users.models import Role, User, UserState


@dataclass(frozen=True, slots=True)
class PamCard:
    """A partner's one contact, since when, after whom, who answers while away, who follows from when on."""

    pam_id: int
    name: str
    phone: str
    email: str
    since: date
    previous: str | None
    away_until: date | None
    deputy: str | None
    deputy_phone: str | None
    deputy_email: str | None
    next_pam: str | None = None
    next_on: date | None = None


def on_day(on: date) -> ColumnElement[bool]:
    """The assignment holds on this day."""
    return and_(
        PamAssignment.starts_on <= on,
        or_(PamAssignment.ends_before.is_(None), PamAssignment.ends_before > on),
    )


def pam_of(partner_ids: Sequence[int], on: date) -> dict[int, PamCard]:
    """The PAM of each partner on a day, read at once for all of them."""
    return {row.partner_id: PamCard(*row[1:]) for row in db.session.execute(_cards(partner_ids, on))}


def _cards(partner_ids: Sequence[int], on: date) -> AnySelect:
    deputy, before, previous = aliased(User), aliased(PamAssignment), aliased(User)
    after, following = aliased(PamAssignment), aliased(User)
    return (
        select(
            *(PamAssignment.partner_id, User.id, User.name, User.phone, User.email, PamAssignment.starts_on),
            *(previous.name.label("previous"), Delegation.ends_before, deputy.name.label("deputy")),
            *(deputy.phone.label("deputy_phone"), deputy.email.label("deputy_email")),
            *(following.name.label("next_pam"), after.starts_on.label("next_on")),
        )
        .join(User, User.id == PamAssignment.pam_id)
        .outerjoin(Delegation, and_(Delegation.pam_id == User.id, away_on(on)))
        .outerjoin(deputy, deputy.id == Delegation.deputy_id)
        .outerjoin(
            before,
            and_(
                before.partner_id == PamAssignment.partner_id, before.ends_before == PamAssignment.starts_on
            ),
        )
        .outerjoin(previous, previous.id == before.pam_id)
        .outerjoin(
            after,
            and_(after.partner_id == PamAssignment.partner_id, after.starts_on == PamAssignment.ends_before),
        )
        .outerjoin(following, following.id == after.pam_id)
        .where(PamAssignment.partner_id.in_(partner_ids), on_day(on))
    )


def away_on(on: date) -> ColumnElement[bool]:
    """The delegation holds on this day."""
    return and_(Delegation.starts_on <= on, Delegation.ends_before > on)


def list_assignments(partner_id: int) -> Sequence[AnyRow]:
    """Every PAM a partner has, had or will have, the latest first."""
    assigner = aliased(User)
    return db.session.execute(
        select(
            *(PamAssignment.starts_on, PamAssignment.ends_before, PamAssignment.reason),
            *(
                PamAssignment.assigned_at,
                User.name,
                User.id.label("pam_id"),
                assigner.name.label("assigned_by"),
            ),
        )
        .join(User, User.id == PamAssignment.pam_id)
        .outerjoin(assigner, assigner.id == PamAssignment.assigned_by_id)
        .where(PamAssignment.partner_id == partner_id)
        .order_by(PamAssignment.starts_on.desc())
    ).all()


def list_pams(*, left: bool = False) -> Sequence[AnyRow]:
    """PAMs who may be given partners, by name; those who have left too, to tell what was."""
    query = select(User.id, User.public_id, User.name, User.email, User.phone, User.tele).where(
        User.role == Role.PAM, true() if left else User.state != UserState.DEACTIVATED
    )
    return sorted(db.session.execute(query), key=lambda row: search_key(row.name))


def list_loads(on: date) -> Sequence[AnyRow]:
    """Each PAM with the partners followed on a day, dedicated and tele-managed, and who answers if away."""
    deputy = aliased(User)
    rows = db.session.execute(
        select(
            *(User.id, User.public_id, User.name, User.tele, func.count(Partner.id).label("partners")),
            func.count(case((Partner.coverage == Coverage.DEDICATED, 1))).label("dedicated"),
            func.count(case((Partner.coverage == Coverage.TELE, 1))).label("tele_managed"),
            *(Delegation.ends_before.label("away_until"), deputy.name.label("deputy")),
        )
        .outerjoin(PamAssignment, and_(PamAssignment.pam_id == User.id, on_day(on)))
        .outerjoin(Partner, Partner.id == PamAssignment.partner_id)
        .outerjoin(Delegation, and_(Delegation.pam_id == User.id, away_on(on)))
        .outerjoin(deputy, deputy.id == Delegation.deputy_id)
        .where(User.role == Role.PAM, User.state != UserState.DEACTIVATED)
        .group_by(User.id, Delegation.ends_before, deputy.name)
    )
    return sorted(rows, key=lambda row: (row.tele, search_key(row.name)))


def followed_by(pam_id: int, on: date) -> list[int]:
    """Ids of the partners that a PAM follows in person on a day."""
    query = select(PamAssignment.partner_id).where(PamAssignment.pam_id == pam_id, on_day(on))
    return list(db.session.execute(query.order_by(PamAssignment.partner_id)).scalars())


def list_followed(pam_id: int, on: date) -> Sequence[AnyRow]:
    """The partners that a PAM follows in person on a day, by name."""
    return db.session.execute(
        select(Partner.id, Partner.public_id, Partner.code, Partner.legal_name, Partner.coverage)
        .join(PamAssignment, PamAssignment.partner_id == Partner.id)
        .where(PamAssignment.pam_id == pam_id, on_day(on))
        .order_by(Partner.search_name, Partner.id)
    ).all()


def list_delegations(pam_id: int, on: date) -> Sequence[AnyRow]:
    """A PAM's absences that are not over, and those in which the PAM answers for somebody else."""
    absent, deputy = aliased(User), aliased(User)
    return db.session.execute(
        select(
            *(Delegation.id, Delegation.pam_id, Delegation.starts_on, Delegation.ends_before),
            *(absent.name.label("absent"), deputy.name.label("deputy")),
        )
        .join(absent, absent.id == Delegation.pam_id)
        .join(deputy, deputy.id == Delegation.deputy_id)
        .where(or_(Delegation.pam_id == pam_id, Delegation.deputy_id == pam_id), Delegation.ends_before > on)
        .order_by(Delegation.starts_on)
    ).all()


def list_reorganisations(limit: int = 20) -> Sequence[AnyRow]:
    """The files that regrouped portfolios, the latest first, with who imported and who undid them."""
    importer, undoer = aliased(User), aliased(User)
    return db.session.execute(
        select(
            *(Reorganisation.public_id, Reorganisation.name, Reorganisation.lines),
            *(Reorganisation.imported_at, Reorganisation.undone_at),
            *(importer.name.label("imported_by"), undoer.name.label("undone_by")),
        )
        .join(importer, importer.id == Reorganisation.imported_by_id)
        .outerjoin(undoer, undoer.id == Reorganisation.undone_by_id)
        .order_by(Reorganisation.id.desc())
        .limit(limit)
    ).all()


def get_reorganisation(public_id: UUID) -> Reorganisation:
    """One of these files; NotFound otherwise."""
    found = db.session.execute(
        select(Reorganisation).where(Reorganisation.public_id == public_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def lines_of_reorganisation(reorganisation_id: int) -> Sequence[AnyRow]:
    """What each line of the file did, as it was written then."""
    return db.session.execute(
        select(
            *(ReorganisationLine.line, ReorganisationLine.code, ReorganisationLine.legal_name),
            *(ReorganisationLine.kind, ReorganisationLine.effective_on, ReorganisationLine.single),
            *(ReorganisationLine.before, ReorganisationLine.after, Partner.public_id),
            Partner.code.label("partner_code"),
        )
        .outerjoin(Partner, Partner.id == ReorganisationLine.partner_id)
        .where(ReorganisationLine.reorganisation_id == reorganisation_id)
        .order_by(ReorganisationLine.line)
    ).all()


def next_code() -> str:
    """The code after the highest that a firm has."""
    highest = db.session.execute(select(func.max(Partner.code))).scalar_one() or "P-00000"
    return f"P-{int(highest[2:]) + 1:05d}"


def list_as_file(on: date) -> Sequence[tuple[str, ...]]:
    """Every firm of the programme as a line of a reorganisation file that changes nothing."""
    rows = db.session.execute(
        select(
            *(Partner.code, Partner.siren, Partner.legal_name, Partner.segment, Partner.coverage, User.email)
        )
        .outerjoin(PamAssignment, and_(PamAssignment.partner_id == Partner.id, on_day(on)))
        .outerjoin(User, User.id == PamAssignment.pam_id)
        .where(Partner.starts_on <= on, or_(Partner.ends_before.is_(None), Partner.ends_before > on))
        .order_by(Partner.code)
    ).all()
    return [
        (code, siren, _plain(name), segment.value, coverage.value, "", "", email or "", on.isoformat())
        for code, siren, name, segment, coverage, email in rows
    ]


def _plain(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text


def list_promises(partner_ids: Sequence[int], *, kept: bool = False) -> Sequence[AnyRow]:
    """What firms were told would be done and is not yet, the most pressing first."""
    query = (
        select(
            *(Promise.id, Promise.partner_id, Promise.words, Promise.due_on, Promise.made_at),
            *(Promise.kept_at, User.name.label("made_by")),
        )
        .join(User, User.id == Promise.made_by_id)
        .where(Promise.partner_id.in_(partner_ids))
        .order_by(Promise.due_on.nulls_last(), Promise.id)
    )
    return db.session.execute(query if kept else query.where(Promise.kept_at.is_(None))).all()
