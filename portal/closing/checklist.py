"""What to mend before a period is computed, and how far its close has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, Subquery, and_, func, select

from portal import statements, work
from portal.calendar import PeriodCode
from portal.claims.models import Claim, ClaimLine, ClaimMatch, MatchState
from portal.claims.workflow import ClaimState
from portal.closing.queries import close_batch
from portal.db import AnyRow, db
from portal.margin.facts import select_partners
from portal.margin.models import Adjustment, MarginRun, PlanState, PlanVersion, RunState
from portal.margin.queries import batch_of, count_results
from portal.objectives.models import Objective
from portal.partners.models import BillingProfile, Partner
from portal.periods.models import Period
from portal.work.queries import Pace


class Check(StrEnum):
    """What is looked at before the close."""

    NO_PLAN = "no_plan"
    PENDING = "pending"
    CONFLICTS = "conflicts"
    APPEALS = "appeals"
    UNMATCHED = "unmatched"
    ADJUSTMENTS = "adjustments"
    NO_OBJECTIVE = "no_objective"
    NOT_ACCEPTED = "not_accepted"
    NO_BANK = "no_bank"


def checklist(period: Period) -> dict[Check, int]:
    """How many of each thing there are; none is best."""
    return {**_claims(period), **_partners(period)}


def _claims(period: Period) -> dict[Check, int]:
    span = PeriodCode.parse(period.code)
    day = func.coalesce(Claim.ordered_on, Claim.signed_on)
    matched = (
        select(ClaimMatch.id)
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .where(ClaimLine.claim_id == Claim.id, ClaimMatch.state == MatchState.CONFIRMED)
        .exists()
    )
    pending = (
        *(ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.INFO_REQUESTED),
        ClaimState.PENDING_SECOND,
    )
    row = db.session.execute(
        select(
            func.count().filter(Claim.state.in_(pending)),
            func.count().filter(Claim.state == ClaimState.IN_CONFLICT),
            func.count().filter(Claim.state == ClaimState.APPEALED),
            func.count().filter(and_(Claim.state == ClaimState.APPROVED, ~matched)),
        ).where(day >= span.starts_on, day < span.ends_before)
    ).one()
    return dict(zip((Check.PENDING, Check.CONFLICTS, Check.APPEALS, Check.UNMATCHED), row, strict=True))


def _partners(period: Period) -> dict[Check, int]:
    concerned = _concerned(period)
    named = _wanting(period, concerned)
    counts = db.session.execute(
        select(*(func.count().filter(wanting) for wanting in named.values())).select_from(concerned)
    ).one()
    waiting = select(func.count()).where(
        *(Adjustment.period_id == period.id, Adjustment.approved_at.is_(None)),
        Adjustment.refused_at.is_(None),
    )
    return {
        **dict(zip(named, counts, strict=True)),
        Check.ADJUSTMENTS: db.session.execute(waiting).scalar_one(),
    }


def _concerned(period: Period) -> Subquery:
    return select_partners(period).with_only_columns(Partner.id, Partner.segment).subquery()


def _wanting(period: Period, concerned: Subquery) -> dict[Check, ColumnElement[bool]]:
    """What a partner may lack, as conditions on those concerned."""
    planned = select(PlanVersion.segment).where(
        PlanVersion.period_id == period.id, PlanVersion.state == PlanState.PUBLISHED
    )
    objectives = select(Objective.partner_id).where(Objective.period_id == period.id)
    accepted = objectives.where(Objective.accepted_at.is_not(None))
    banked = select(BillingProfile.partner_id).where(BillingProfile.iban.is_not(None))
    has_objective = concerned.c.id.in_(objectives)
    return {
        Check.NO_PLAN: concerned.c.segment.not_in(planned),
        Check.NO_OBJECTIVE: ~has_objective,
        Check.NOT_ACCEPTED: and_(has_objective, concerned.c.id.not_in(accepted)),
        Check.NO_BANK: concerned.c.id.not_in(banked),
    }


def partners_of(period: Period, check: Check, *, page: int = 1, size: int = 50) -> Sequence[AnyRow]:
    """The partners behind a figure of the checklist: (code, legal_name, segment, public_id)."""
    concerned = _concerned(period)
    wanting = _wanting(period, concerned)[check]
    return db.session.execute(
        select(Partner.code, Partner.legal_name, Partner.segment, Partner.public_id)
        .join(concerned, concerned.c.id == Partner.id)
        .where(wanting)
        .order_by(Partner.code)
        .limit(size)
        .offset((page - 1) * size)
    ).all()


OF_PARTNERS = frozenset({Check.NO_PLAN, Check.NO_OBJECTIVE, Check.NOT_ACCEPTED, Check.NO_BANK})


class Stage(StrEnum):
    """What workers do for a close, one after the other."""

    COMPUTING = "computing"
    ISSUING = "issuing"
    PRINTING = "printing"
    MAILING = "mailing"


@dataclass(frozen=True)
class Progress:
    """How far a stage has come."""

    stage: Stage
    done: int
    total: int
    pace: Pace

    @property
    def stuck(self) -> bool:
        """Whether nothing goes on but what failed already."""
        return not self.finished and self.done + self.pace.failing >= self.total

    @property
    def finished(self) -> bool:
        """Whether nothing is left."""
        return self.done >= self.total

    def per_second(self, at: datetime) -> Decimal | None:
        """The rate: of late while the stage goes on, of the whole once it is over."""
        share = self.pace.share_per_second(at, over=self.finished)
        return None if share is None or not self.done else self.done * share

    def seconds_left(self, at: datetime) -> int | None:
        """How long the rest takes at this rate."""
        rate = self.per_second(at)
        over = self.finished or self.stuck
        return None if rate is None or over else int((self.total - self.done) / rate) + 1


def stages_of(period: Period, run: MarginRun | None) -> list[Progress]:
    """The stages that have begun, in their order."""
    if run is None:
        return []
    computed = run.partners if run.state is not RunState.COMPUTING else count_results(run.id)
    found = [_progress(Stage.COMPUTING, computed, run.partners, batch_of(run.id))]
    if run.state is not RunState.APPROVED:
        return found
    delivery = statements.count_delivery(period.id)
    found += [
        _progress(Stage.ISSUING, delivery.issued, run.partners, close_batch(run.id)),
        _progress(Stage.PRINTING, delivery.rendered, run.partners, statements.render_batch(period.id)),
    ]
    if delivery.mails:
        done = delivery.sent + delivery.failed
        to_come = run.partners - delivery.rendered  # each still to print has one recipient at least
        found.append(_progress(Stage.MAILING, done, delivery.mails + to_come, f"mail:{period.id}"))
    return found


def _progress(stage: Stage, done: int, total: int, batch: str) -> Progress:
    return Progress(stage, done, total, work.pace(batch))
