"""A conflict ends one way, its shares sum to 1, and they are what the engine then counts."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from portal import conflicts
from portal.claims.models import Claim, ClaimEvent, ClaimMatch
from portal.claims.workflow import Action, ClaimState
from portal.conflicts.models import ConflictParty, ConflictState, Outcome
from portal.db import db, transaction
from portal.errors import Forbidden, Invalid, Refused
from tests import factories
from tests.factories import measure
from tests.factories.people import AT
from tests.integration.conflicts.conftest import Rivals

IN_REVIEW, APPROVED, REJECTED = ClaimState.IN_REVIEW, ClaimState.APPROVED, ClaimState.REJECTED
HALF = Decimal("0.5")


def open_conflict(rivals: Rivals, **values: Any) -> tuple[Claim, Claim]:
    claims = rivals.claim(0, **values), rivals.claim(1, **values)
    rivals.detect(*claims)
    return claims


def shares(rivals: Rivals, *parts: str) -> dict[int, Decimal]:
    return {party.id: Decimal(part) for party, part in zip(rivals.parties(), parts, strict=True)}


def sign(rivals: Rivals, firm: int, do: Any = conflicts.sign_split) -> None:
    public_id = rivals.parties()[firm].public_id
    rivals.owner.rollback()
    with rivals.acting(rivals.admins[firm]), transaction():
        do(party=conflicts.get_party(public_id), actor_id=rivals.admins[firm].id, at=AT)


def settle_signed(rivals: Rivals) -> bool:
    conflict_id = rivals.conflict().id
    rivals.owner.rollback()
    with rivals.acting(None), transaction():
        return conflicts.settle_signed(conflict_id=conflict_id, at=AT)


class TestArbitrate:
    def test_gives_one_the_whole_and_refuses_the_other_with_its_reason(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        rivals.as_lead(conflicts.arbitrate, shares=shares(rivals, "1", "0"), reasons="Étude antérieure.")
        assert rivals.states() == [IN_REVIEW, REJECTED]
        assert rivals.shares() == [None, None]
        claim = rivals.owner.execute(select(Claim).where(Claim.state == REJECTED)).scalar_one()
        assert (claim.reason_code, claim.decided_by_id) == ("CONFLICT_LOST", rivals.lead.id)
        assert rivals.conflict().outcome is Outcome.ARBITRATED

    def test_parts_the_order_and_resumes_both_clocks(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        rivals.as_lead(conflicts.arbitrate, shares=shares(rivals, "0.7", "0.3"), reasons="Deux lots.")
        assert rivals.states() == [IN_REVIEW, IN_REVIEW]
        assert rivals.shares() == [Decimal("0.7"), Decimal("0.3")]
        left = rivals.owner.execute(select(Claim.decide_by, Claim.clock_left)).all()
        assert [(str(row[0]), row[1]) for row in left] == [("2026-11-30", None)] * 2

    def test_leads_an_approved_claim_back_to_approved_and_credits_its_share(self, rivals: Rivals) -> None:
        claims = open_conflict(rivals, state=APPROVED)
        order = factories.make_order_line(rivals.owner, order_no="CMD-7")
        for claim in claims:
            measure.make_match(rivals.owner, claim, order)
        rivals.as_lead(conflicts.arbitrate, shares=shares(rivals, "0.8", "0.2"), reasons="Deux lots.")
        assert rivals.states() == [APPROVED, APPROVED]
        credited = rivals.owner.execute(
            select(ClaimMatch.credited_amount).order_by(ClaimMatch.partner_id)
        ).scalars()
        assert list(credited) == [Decimal("8000.00"), Decimal("2000.00")]

    @pytest.mark.parametrize(
        ("parts", "reasons", "field"),
        [(("0.5", "0.4"), "x", "share"), (("1.2", "-0.2"), "x", "share"), (("0.5", "0.5"), "  ", "reasons")],
    )
    def test_needs_shares_that_sum_to_one_and_reasons(
        self, rivals: Rivals, parts: tuple[str, str], reasons: str, field: str
    ) -> None:
        open_conflict(rivals)
        with pytest.raises(Invalid) as refused:
            rivals.as_lead(conflicts.arbitrate, shares=shares(rivals, *parts), reasons=reasons)
        assert next(iter(refused.value.faults)).startswith(field)
        assert rivals.conflict().state is ConflictState.OPEN

    def test_refuses_reasons_that_name_a_firm(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        with pytest.raises(Invalid):
            rivals.as_lead(
                conflicts.arbitrate, shares=shares(rivals, "1", "0"),
                reasons=f"La pièce de {rivals.firms[1].legal_name} est plus récente.",
            )  # fmt: skip

    def test_is_not_for_who_decided_one_of_the_claims(self, rivals: Rivals) -> None:
        first, _ = open_conflict(rivals)
        rivals.write(first, first_decided_by_id=rivals.lead.id, first_decided_at=AT)
        with pytest.raises(Forbidden):
            rivals.as_lead(conflicts.arbitrate, shares=shares(rivals, "1", "0"), reasons="x")

    def test_happens_once(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        rivals.as_lead(conflicts.find_unfounded, reasons="")
        with pytest.raises(Refused):
            rivals.as_lead(conflicts.find_unfounded, reasons="")
        assert rivals.states() == [IN_REVIEW, IN_REVIEW]


class TestApplyRule:
    def test_gives_the_firm_that_was_complete_first_the_whole_at_equal_evidence(self, rivals: Rivals) -> None:
        claims = open_conflict(rivals)
        rivals.write(claims[0], submitted_at=AT.replace(day=25))
        rivals.as_lead(conflicts.apply_rule)
        assert rivals.states() == [REJECTED, IN_REVIEW]
        assert [party.share for party in rivals.parties()] == [0, 1]
        kept = select(ClaimEvent.details).where(ClaimEvent.kind.in_((Action.DENY, Action.RESUME)))
        assert [one["policy"] for one in rivals.owner.execute(kept).scalars()] == ["best_evidence"] * 2


class TestPartRoles:
    def test_leaves_each_firm_the_roles_it_held(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        first, second = rivals.parties()
        rivals.as_lead(
            conflicts.part_roles, roles={first.id: ["PRESCRIBE"], second.id: ["DESIGN"]}, reasons=""
        )
        roles = rivals.owner.execute(select(Claim.roles).order_by(Claim.partner_id)).scalars()
        assert list(roles) == [["PRESCRIBE"], ["DESIGN"]]
        assert rivals.shares() == [None, None]

    def test_refuses_a_role_held_twice(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        first, second = rivals.parties()
        with pytest.raises(Invalid):
            rivals.as_lead(
                conflicts.part_roles, roles={first.id: ["DESIGN"], second.id: ["DESIGN"]}, reasons=""
            )


class TestAgreedSplit:
    def test_waits_for_every_signature_then_stands_on_the_lines(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        rivals.as_lead(conflicts.offer_split, shares=shares(rivals, "0.6", "0.4"))
        sign(rivals, 0)
        assert settle_signed(rivals) is False
        sign(rivals, 1)
        assert settle_signed(rivals) is True
        assert rivals.shares() == [Decimal("0.6"), Decimal("0.4")]
        assert rivals.conflict().outcome is Outcome.SPLIT

    def test_ends_with_a_refusal_until_the_lead_offers_again(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        rivals.as_lead(conflicts.offer_split, shares=shares(rivals, "0.6", "0.4"))
        sign(rivals, 0)
        sign(rivals, 1, conflicts.decline_split)
        assert settle_signed(rivals) is False
        rivals.as_lead(conflicts.offer_split, shares=shares(rivals, "0.5", "0.5"))
        assert [party.signed_at for party in rivals.parties()] == [None, None]

    def test_tells_names_only_once_every_firm_agrees_to_it(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        told = []
        for consents in ((True, False), (True, True)):
            for party, consent in zip(rivals.parties(), consents, strict=True):
                rivals.owner.execute(
                    ConflictParty.__table__.update()
                    .where(ConflictParty.id == party.id)
                    .values(consents=consent)
                )
            rivals.owner.commit()
            public_id = rivals.parties()[0].public_id
            rivals.owner.rollback()
            with rivals.acting(rivals.admins[0]):
                told.append(conflicts.names_of_others(conflicts.get_party(public_id)))
        assert told == [[], [rivals.firms[1].legal_name]]


class TestPostgresql:
    @pytest.mark.parametrize("column", ["share", "offered_share"])
    def test_refuses_shares_that_do_not_sum_to_one(self, rivals: Rivals, database: str, column: str) -> None:
        open_conflict(rivals)
        more = ", settled_at = now(), outcome = 'split'" if column == "share" else ", offered_at = now()"
        name = "conflict_parties_shares" if column == "share" else "conflict_parties_offers"
        with psycopg.connect(database) as connection:
            connection.execute(f"update conflict_parties set {column} = 0.4{more}")
            with pytest.raises(psycopg.errors.CheckViolation) as refused:
                connection.commit()
        assert refused.value.diag.constraint_name == name

    def test_refuses_an_arbitration_without_shares(self, rivals: Rivals, database: str) -> None:
        open_conflict(rivals)
        with psycopg.connect(database) as connection:
            connection.execute(
                "update conflicts set state = 'settled', outcome = 'arbitrated', reasons = 'x',"
                " decided_at = now(), decided_by_id = %s", [rivals.lead.id],
            )  # fmt: skip
            with pytest.raises(psycopg.errors.CheckViolation):
                connection.commit()

    def test_keeps_the_other_side_from_a_firm(self, rivals: Rivals) -> None:
        open_conflict(rivals)
        with rivals.acting(rivals.admins[0]):
            seen = db.session.execute(select(ConflictParty.partner_id)).scalars().all()
        assert seen == [rivals.firms[0].id]
