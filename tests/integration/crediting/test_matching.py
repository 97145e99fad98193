"""Claims and the vendor's orders find each other; what they agree on is credited."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import claims
from portal.catalogue.models import Grid
from portal.claims.models import Claim, ClaimLine, ClaimMatch, MatchKind, MatchState
from portal.claims.workflow import ClaimState
from portal.db import transaction
from portal.errors import Stale
from portal.margin.crediting import match_and_credit, refresh_credit
from portal.orders.models import OrderLine, OrderStatus
from portal.partners.models import Partner
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT

EXACT = (MatchKind.EXACT, MatchState.CONFIRMED)


@pytest.fixture
def grid(owner: Session, database: str) -> Grid:
    period = factories.make_period(owner)
    factories.make_plan(owner, period)
    return factories.make_catalogue(owner)


@pytest.fixture
def partner(owner: Session, grid: Grid) -> Partner:
    return factories.make_partner(owner)


def claim_of(owner: Session, partner: Partner, grid: Grid, **values: Any) -> Claim:
    given = {"state": ClaimState.APPROVED, "order_no": "CMD-7", **values}
    return factories.make_claim(owner, partner, grid_id=grid.id, **given)


def run(acting: Acting, *claims: Claim) -> None:
    with acting(None), transaction():
        match_and_credit(claim_ids=[claim.id for claim in claims], at=AT)


def found(owner: Session, claim: Claim) -> list[Any]:
    owner.expire_all()
    rows = owner.execute(
        select(ClaimMatch.kind, ClaimMatch.state, ClaimMatch.verified_amount, ClaimMatch.credited_amount)
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .where(ClaimLine.claim_id == claim.id)
        .order_by(ClaimMatch.order_line_id)
    )
    owner.rollback()
    return [tuple(row) for row in rows]


class TestMatchClaims:
    def test_confirms_the_same_number_customer_and_family_at_once(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid, order_no="cmd-7")
        factories.make_order_line(owner, order_no="CMD-7", amount="9000.00")
        run(acting, claim)
        assert found(owner, claim) == [(*EXACT, Decimal("9000.00"), Decimal("5850.00"))]

    def test_changes_nothing_when_run_again(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid)
        factories.make_order_line(owner, order_no="CMD-7")
        run(acting, claim)
        first = owner.execute(select(ClaimMatch.id, ClaimMatch.matched_at)).all()
        owner.rollback()
        run(acting, claim)
        assert owner.execute(select(ClaimMatch.id, ClaimMatch.matched_at)).all() == first

    def test_asks_a_person_when_the_number_is_of_another_customer(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid)
        factories.make_order_line(owner, order_no="CMD-7", customer_siren="000000026")
        run(acting, claim)
        assert [row[:2] for row in found(owner, claim)] == [(MatchKind.PROBABLE, MatchState.PROPOSED)]

    def test_asks_a_person_when_another_firm_claims_the_order_too(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid)
        claim_of(owner, factories.make_partner(owner), grid, state=ClaimState.SUBMITTED)
        factories.make_order_line(owner, order_no="CMD-7")
        run(acting, claim)
        assert found(owner, claim) == [(MatchKind.EXACT, MatchState.PROPOSED, Decimal("10000.00"), None)]

    @pytest.mark.parametrize(("count", "state"), [(1, MatchState.CONFIRMED), (2, MatchState.PROPOSED)])
    def test_takes_an_enrolment_for_exact_and_confirms_it_when_it_has_one_order(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid, count: int, state: MatchState
    ) -> None:
        claim = claim_of(owner, partner, grid, order_no="", enrolment_no="E-55")
        for _ in range(count):
            factories.make_order_line(owner, enrolment_no="E-55")
        run(acting, claim)
        assert [row[:2] for row in found(owner, claim)] == [(MatchKind.EXACT, state)] * count

    @pytest.mark.parametrize(
        ("amount", "on", "count"),
        [
            ("12500.00", date(2026, 9, 15), 1),
            ("12500.01", date(2026, 9, 15), 0),
            ("8333.34", date(2026, 9, 15), 1),
            ("8333.33", date(2026, 9, 15), 0),
            ("10000.00", date(2026, 7, 17), 1),
            ("10000.00", date(2026, 7, 16), 0),
            ("10000.00", date(2026, 11, 14), 1),
            ("10000.00", date(2026, 11, 15), 0),
        ],
    )
    def test_proposes_the_same_customer_and_family_near_in_time_and_amount(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid, amount: str, on: date, count: int
    ) -> None:
        claim = claim_of(owner, partner, grid, order_no="UNKNOWN")
        factories.make_order_line(owner, amount=amount, ordered_on=on)
        run(acting, claim)
        assert [row[:2] for row in found(owner, claim)] == [(MatchKind.PROBABLE, MatchState.PROPOSED)] * count

    def test_leaves_drafts_and_refused_claims_alone(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claims = [
            claim_of(owner, partner, grid, state=state) for state in (ClaimState.DRAFT, ClaimState.REJECTED)
        ]
        factories.make_order_line(owner, order_no="CMD-7")
        run(acting, *claims)
        assert [found(owner, claim) for claim in claims] == [[], []]


class TestConfirmMatch:
    def test_lets_a_probable_order_be_credited(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid, order_no="UNKNOWN")
        factories.make_order_line(owner, amount="10000.00")
        run(acting, claim)
        lead = factories.make_user(owner, factories.people.Role.SEGMENT_LEAD)
        match_id = owner.execute(select(ClaimMatch.id)).scalar_one()
        owner.rollback()
        said = {"match_id": match_id, "actor_id": lead.id, "at": AT}
        with acting(lead), transaction():
            read = claims.get_claim(claim.public_id)
            seen = read.version
            claims.confirm_match(claim=read, seen=seen, **said)
            refresh_credit([claim.id])
        expected = (MatchKind.PROBABLE, MatchState.CONFIRMED, Decimal("10000.00"), Decimal("6500.00"))
        assert found(owner, claim) == [expected]
        with acting(lead), pytest.raises(Stale) as stale, transaction():
            claims.confirm_match(claim=claims.get_claim(claim.public_id), seen=seen, **said)
        assert stale.value.params["who"] == lead.name
        assert stale.value.params["what"] == "claim.match_confirmed"


class TestRefuseMatch:
    def test_keeps_every_version_of_the_order_from_being_proposed_again(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid, order_no="UNKNOWN")
        order = factories.make_order_line(owner, amount="10000.00")
        run(acting, claim)
        lead = factories.make_user(owner, factories.people.Role.SEGMENT_LEAD)
        said = {"match_id": owner.execute(select(ClaimMatch.id)).scalar_one(), "actor_id": lead.id, "at": AT}
        owner.rollback()
        with acting(lead), transaction():
            read = claims.get_claim(claim.public_id)
            claims.refuse_match(claim=read, seen=read.version, reason="Autre site", **said)
        order.is_current = False
        again = {"order_no": order.order_no, "line_no": order.line_no, "version": 2, "amount": "10100.00"}
        factories.make_order_line(owner, **again)
        run(acting, claim)
        assert found(owner, claim) == []


class TestRefreshCredit:
    def test_credits_nothing_before_the_approval(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid, state=ClaimState.SUBMITTED)
        factories.make_order_line(owner, order_no="CMD-7")
        run(acting, claim)
        assert found(owner, claim) == [(*EXACT, Decimal("10000.00"), None)]

    def test_spreads_a_line_over_its_orders_to_the_cent(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid, amounts=(("M365", "100.00"),))
        for line_no in (1, 2, 3):
            factories.make_order_line(owner, order_no="CMD-7", line_no=line_no, amount="33.33")
        run(acting, claim)
        parts = [row[3] for row in found(owner, claim)]
        assert sum(parts) == Decimal("64.99")  # 0.65 of the 99.99 that were verified
        assert parts == [Decimal("21.67"), Decimal("21.66"), Decimal("21.66")]

    def test_follows_the_order_when_it_is_amended_then_cancelled(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid)
        line = factories.make_order_line(owner, order_no="CMD-7")
        run(acting, claim)
        for version, amount, status, credited in (
            (2, "4000.00", OrderStatus.BOOKED, "2600.00"), (3, "4000.00", OrderStatus.CANCELLED, "0.00"),
        ):  # fmt: skip
            line.is_current = False
            owner.commit()
            line = factories.make_order_line(
                owner, order_no="CMD-7", version=version, amount=amount, status=status
            )
            with acting(None), transaction():
                match_and_credit(import_id=line.import_id, at=AT)
            ((kind, state, _, amount_credited),) = found(owner, claim)
            assert (kind, state, amount_credited) == (*EXACT, Decimal(credited))

    def test_is_refused_by_postgresql_above_what_was_verified(
        self, owner: Session, partner: Partner, grid: Grid
    ) -> None:
        claim = claim_of(owner, partner, grid)
        order = factories.make_order_line(owner, order_no="CMD-7")
        from tests.factories import measure

        with pytest.raises(IntegrityError, match="ck_claim_matches_credit_within"):
            measure.make_match(owner, claim, order, credited_amount=Decimal("10000.01"))

    def test_gives_two_firms_no_more_than_the_order(
        self, owner: Session, acting: Acting, partner: Partner, grid: Grid
    ) -> None:
        from sqlalchemy import update

        from tests.factories import measure

        order: OrderLine = factories.make_order_line(owner, order_no="CMD-7", amount="0.03")
        claims = []
        for firm, share in ((partner, "0.5"), (factories.make_partner(owner), "0.5")):
            claim = claim_of(owner, firm, grid, amounts=(("M365", "0.03"),))
            line = ClaimLine
            owner.execute(update(line).where(line.claim_id == claim.id).values(share=Decimal(share)))
            measure.make_match(owner, claim, order)
            claims.append(claim)
        run(acting, *claims)
        assert [found(owner, claim)[0][3] for claim in claims] == [Decimal("0.02"), Decimal("0.01")]
