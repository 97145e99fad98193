"""All that the statements of a few partners are made of, read kind by kind, never partner by partner."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from portal import catalogue
from portal.calendar import PeriodCode, paris_date
from portal.claims.models import Claim, ClaimLine, ClaimMatch, MatchState
from portal.claims.workflow import ClaimState
from portal.db import AnyRow, AnySelect, db
from portal.i18n import LOCALES, use_locale
from portal.margin.left_out import LeftOut, left_out
from portal.margin.models import Adjustment, MarginResult, MarginRun, PlanVersion, RunState
from portal.objectives.models import Objective
from portal.orders.models import OrderLine
from portal.partners.models import BillingProfile, Partner
from portal.periods import Period, select_earlier
from portal.portfolio.models import PamAssignment
from portal.statements.models import Statement
from portal.statements.shape import ReasonWords, StatementDocument, Words
from portal.users.models import User

DISPUTE_DAYS = 30


@dataclass(frozen=True)
class Issue:
    """What all statements of a run have in common; decisions after `cut_off_at` do not count.

    `seal` is the latest when the run was approved: the period it is of, and its hash.
    """

    period: Period
    cut_off_at: datetime
    computed_at: datetime
    issued_at: datetime
    verify_at: str
    seal: tuple[str, str] | None = None

    @property
    def issued_on(self) -> date:
        """The day of issue in Paris."""
        return paris_date(self.issued_at)

    @property
    def dispute_until(self) -> date:
        """The last day to dispute a line."""
        return self.issued_on + timedelta(days=DISPUTE_DAYS)


@dataclass(frozen=True)
class Sources:
    """Rows by partner id, and what is common to all."""

    results: Mapping[int, AnyRow]
    pams: Mapping[int, Sequence[AnyRow]]
    objectives: Mapping[int, AnyRow]
    next_targets: Mapping[int, Decimal]
    previous: Mapping[int, AnyRow]
    adjustments: Mapping[int, Sequence[AnyRow]]
    billing: Mapping[int, AnyRow]
    lines: Mapping[str, AnyRow]
    expiring: Mapping[int, Sequence[AnyRow]]
    left_out: Mapping[int, Sequence[LeftOut]]
    words: Mapping[str, Words]


def load_sources(issue: Issue, result_ids: Sequence[int]) -> Sources:
    """What the statements of these results say, as known on the day of issue."""
    return sources_of(issue, {row.partner_id: row for row in db.session.execute(_results(result_ids))})


def sources_of(issue: Issue, results: Mapping[int, AnyRow]) -> Sources:
    """The same for results that are at hand."""
    period, on, ids = issue.period, issue.issued_on, list(results)
    return Sources(
        results=results,
        pams=_grouped(_pams(ids, on)),
        objectives=_latest(_objectives(ids, period.code)),
        next_targets={
            key: row.target
            for key, row in _latest(_objectives(ids, str(PeriodCode.parse(period.code).next))).items()
        },
        previous=_latest(_previous(ids, period)),
        adjustments=_grouped(_adjustments(ids, period)),
        billing=_latest(_billing(ids)),
        lines=_lines([fact["ref"] for row in results.values() for fact in row.result["claims"]]),
        expiring=_grouped(_expiring(ids, on)),
        left_out=left_out(period, ids, at=issue.cut_off_at),
        words={locale: words_in(locale) for locale in LOCALES},
    )


def _latest(query: AnySelect) -> dict[int, AnyRow]:
    """The first row of each partner."""
    found: dict[int, AnyRow] = {}
    for row in db.session.execute(query):
        found.setdefault(row.partner_id, row)
    return found


def _grouped(query: AnySelect) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.partner_id].append(row)
    return found


def _results(result_ids: Iterable[int]) -> AnySelect:
    return (
        select(
            *(MarginResult.id, MarginResult.partner_id, MarginResult.position),
            *(MarginResult.facts, MarginResult.result, PlanVersion.document.label("plan")),
            *(Partner.code, Partner.legal_name, Partner.siren, Partner.segment, Partner.coverage),
            *(Partner.address, Partner.postcode, Partner.city, Partner.locale),
        )
        .join(Partner, Partner.id == MarginResult.partner_id)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.id.in_(result_ids))
        .order_by(MarginResult.position)
    )


def _pams(ids: Sequence[int], on: date) -> AnySelect:
    """Who follows each partner on the day, then who did before."""
    return (
        select(
            *(PamAssignment.partner_id, PamAssignment.starts_on, PamAssignment.ends_before),
            *(User.name, User.phone, User.email),
        )
        .join(User, User.id == PamAssignment.pam_id)
        .where(PamAssignment.partner_id.in_(ids), PamAssignment.starts_on <= on)
        .order_by(PamAssignment.partner_id, PamAssignment.starts_on.desc())
    )


def _objectives(ids: Sequence[int], period: str) -> AnySelect:
    return (
        select(
            *(Objective.partner_id, Objective.target, Objective.baseline, Objective.version),
            *(Objective.notified_at, Objective.accepted_at, User.name.label("accepted_by")),
        )
        .join(Period, Period.id == Objective.period_id)
        .outerjoin(User, User.id == Objective.accepted_by_id)
        .where(Objective.partner_id.in_(ids), Period.code == period)
        .order_by(Objective.partner_id, Objective.version.desc())
    )


def _previous(ids: Sequence[int], period: Period) -> AnySelect:
    return (
        select(
            *(Statement.partner_id, Statement.number, Period.code.label("period")),
            *(MarginResult.payable, MarginResult.carry_out),
        )
        .join(Period, Period.id == Statement.period_id)
        .join(MarginResult, MarginResult.id == Statement.result_id)
        .where(
            Statement.partner_id.in_(ids),
            Statement.period_id == select_earlier(period).limit(1).scalar_subquery(),
        )
        .order_by(Statement.partner_id, Statement.version.desc())
    )


def _adjustments(ids: Sequence[int], period: Period) -> AnySelect:
    """Corrections stated now, each with what had been stated for its period until then."""
    origin, earlier, run = aliased(Period), aliased(Adjustment), aliased(MarginRun)
    stated = (
        select(MarginResult.earnings)
        .join(run, run.id == MarginResult.run_id)
        .where(run.period_id == Adjustment.origin_period_id, run.state == RunState.APPROVED)
        .where(MarginResult.partner_id == Adjustment.partner_id)
        .scalar_subquery()
    )
    since = (
        select(func.coalesce(func.sum(earlier.amount), 0))
        .where(earlier.partner_id == Adjustment.partner_id, earlier.id < Adjustment.id)
        .where(earlier.origin_period_id == Adjustment.origin_period_id, earlier.approved_at.is_not(None))
        .where(earlier.in_result)
        .scalar_subquery()
    )
    return (
        select(
            *(Adjustment.partner_id, Adjustment.id, Adjustment.amount, Adjustment.reason_code),
            *(
                Adjustment.note,
                origin.code.label("period"),
                Statement.number.label("statement"),
                Claim.reference,
            ),
            func.coalesce(Adjustment.before_amount, stated + since).label("before"),
            *(Adjustment.changes, Adjustment.in_result),
        )
        .join(origin, origin.id == Adjustment.origin_period_id)
        .outerjoin(Statement, Statement.id == Adjustment.origin_statement_id)
        .outerjoin(ClaimLine, ClaimLine.id == Adjustment.origin_claim_line_id)
        .outerjoin(Claim, Claim.id == ClaimLine.claim_id)
        .where(Adjustment.partner_id.in_(ids), Adjustment.period_id == period.id)
        .where(Adjustment.approved_at.is_not(None))
        .order_by(Adjustment.partner_id, Adjustment.id)
    )


def _billing(ids: Sequence[int]) -> AnySelect:
    return select(
        *(BillingProfile.partner_id, BillingProfile.iban, BillingProfile.vat_number),
        BillingProfile.self_billing_agreed_on,
    ).where(BillingProfile.partner_id.in_(ids))


def _lines(refs: Sequence[str]) -> dict[str, AnyRow]:
    """The claim line behind each ref of the facts: `D-FY26-000112`, or `…/2` where it has several."""
    references = {ref.partition("/")[0] for ref in refs}
    order_nos = (
        select(func.string_agg(OrderLine.order_no.distinct(), ", "))
        .join(ClaimMatch, ClaimMatch.order_line_id == OrderLine.id)
        .where(ClaimMatch.claim_line_id == ClaimLine.id, ClaimMatch.state == MatchState.CONFIRMED)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            *(Claim.reference, ClaimLine.position, ClaimLine.declared_amount, ClaimLine.family),
            *(Claim.customer_name, Claim.confidential, Claim.title, Claim.order_no, Claim.decided_at),
            *(order_nos.label("order_nos"), User.name.label("decided_by")),
        )
        .join(ClaimLine, ClaimLine.claim_id == Claim.id)
        .outerjoin(User, User.id == Claim.decided_by_id)
        .where(Claim.reference.in_(references))
        .order_by(Claim.reference, ClaimLine.position.desc())
    )
    found: dict[str, AnyRow] = {}
    for row in rows:
        found[row.reference] = found[f"{row.reference}/{row.position}"] = row
    return found


def _expiring(ids: Sequence[int], on: date) -> AnySelect:
    """Open claims that lapse without an answer, and refused ones that can still be cured."""
    asked: ColumnElement[bool] = Claim.state == ClaimState.INFO_REQUESTED
    curable: ColumnElement[bool] = (Claim.state == ClaimState.REJECTED) & (Claim.cure_by >= on)
    last_day = func.coalesce(Claim.info_due_on, Claim.cure_by).label("last_day")
    return (
        select(Claim.partner_id, Claim.reference, Claim.customer_name, Claim.confidential, last_day)
        .where(Claim.partner_id.in_(ids), or_(asked, curable), last_day.element >= on)
        .order_by(Claim.partner_id, last_day, Claim.reference)
    )


def words_in(locale: str) -> Words:
    """The programme's names of families and reasons in a language."""
    with use_locale(locale):
        reasons = {
            code: ReasonWords(label=entry.label, cure=entry.cure)
            for code, entry in catalogue.list_reasons().items()
        }
        return Words(families=catalogue.list_families(), competencies={}, reasons=reasons)


def words_for(document: StatementDocument, locale: str) -> Words:
    """A statement's words in another language; its own for codes that the catalogue has no more."""
    own = document["words"]
    if locale == document["locale"]:
        return own
    now = words_in(locale)
    return Words(
        families=own["families"] | _kept(now["families"], own["families"]),
        competencies=own["competencies"],
        reasons=own["reasons"] | _kept(now["reasons"], own["reasons"]),
    )


def _kept(now: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {code: said for code, said in now.items() if code in own}
