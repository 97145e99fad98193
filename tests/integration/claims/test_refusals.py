"""There can never be: what PostgreSQL itself refuses of claims, whatever the application does."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.claims.models import Claim, ClaimLine
from portal.claims.workflow import ClaimState
from portal.db import violated_constraint
from tests import factories


@pytest.fixture
def claim(owner: Session) -> Claim:
    """A submitted claim of one line of 10 000.00."""
    grid = factories.make_catalogue(owner)
    return factories.make_claim(
        owner, factories.make_partner(owner), state=ClaimState.SUBMITTED, grid_id=grid.id
    )


def refusal(owner: Session, sql: str, **values: object) -> str | None:
    with pytest.raises(DBAPIError) as error:
        owner.execute(text(sql), values)
        owner.commit()
    owner.rollback()
    return violated_constraint(error.value)


DECIDED = "decided_by_id = (select max(id) from users), decided_at = now()"


class TestClaims:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("state = 'lost'", "ck_claims_state"),
            ("reference = 'X-1'", "ck_claims_reference"),
            ("version = 0", "ck_claims_version"),
            ("customer_siren = '12345678'", "ck_claims_customer_siren"),
            ("roles = '{SING}'", "ck_claims_roles"),
            ("roles = '{}'", "ck_claims_submitted"),
            ("title = ''", "ck_claims_submitted"),
            ("customer_siren = null", "ck_claims_submitted"),
            ("signed_on = null", "ck_claims_submitted"),
            ("declared_honour_at = null", "ck_claims_submitted"),
            ("grid_id = null", "ck_claims_submitted"),
            ("state = 'approved'", "ck_claims_decider"),
            ("state = 'rejected'", "ck_claims_decider"),
            ("decision = 'approved'", "ck_claims_decided"),
            (f"decision = 'approved', {DECIDED}", "ck_claims_decider"),
            (f"state = 'approved', {DECIDED}", "ck_claims_decided"),
            (f"state = 'rejected', decision = 'rejected', {DECIDED}", "ck_claims_rejection_coded"),
            (
                f"state = 'rejected', decision = 'rejected', reason_code = 'NOPE', {DECIDED}",
                "fk_claims_reason_code",
            ),
            (
                f"state = 'approved', decision = 'approved', order_no = '', {DECIDED}",
                "ck_claims_approval_numbered",
            ),
            ("state = 'pending_second'", "ck_claims_pending_second"),
            ("first_decided_by_id = 1", "ck_claims_first_decider"),
            ("state = 'info_requested'", "ck_claims_info_due"),
            ("info_due_on = '2026-12-01'", "ck_claims_info_due"),
        ],
    )
    def test_cannot_be(self, owner: Session, claim: Claim, change: str, constraint: str) -> None:
        assert refusal(owner, f"update claims set {change} where id = :id", id=claim.id) == constraint

    def test_cannot_be_decided_twice_by_one_person(self, owner: Session, claim: Claim) -> None:
        change = (
            "update claims set state = 'approved', decision = 'approved', decided_by_id = :who, decided_at = now(),"
            " first_decided_by_id = :who, first_decided_at = now() where id = :id"
        )
        assert refusal(owner, change, id=claim.id, who=factories.make_pam(owner).id) == "ck_claims_four_eyes"

    def test_cannot_be_approved_by_who_made_them(self, owner: Session, claim: Claim) -> None:
        change = (
            "update claims set state = 'approved', decision = 'approved', decided_by_id = created_by_id,"
            " decided_at = now() where id = :id"
        )
        assert refusal(owner, change, id=claim.id) == "ck_claims_not_own"

    def test_cannot_share_a_reference(self, owner: Session, claim: Claim) -> None:
        other = factories.make_claim(owner, factories.make_partner(owner))
        change = "update claims set reference = :other where id = :id"
        assert refusal(owner, change, id=claim.id, other=other.reference) == "uq_claims_reference"


class TestLines:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("declared_amount = -0.01", "ck_claim_lines_declared_amount"),
            ("approved_amount = -0.01, cut_reason_code = 'CREDIT_NOTE'", "ck_claim_lines_approved_amount"),
            ("approved_amount = 10000.01, cut_reason_code = 'CREDIT_NOTE'", "ck_claim_lines_approved_within"),
            ("approved_amount = 9999.99", "ck_claim_lines_cut_coded"),
            ("family = 'NOPE'", "fk_claim_lines_family"),
            ("position = 0", "ck_claim_lines_position"),
            ("share = 0", "ck_claim_lines_share"),
            ("share = 1.01", "ck_claim_lines_share"),
            ("partner_id = partner_id + 1", "fk_claim_lines_claim"),
        ],
    )
    def test_cannot_be(self, owner: Session, claim: Claim, change: str, constraint: str) -> None:
        found = refusal(owner, f"update claim_lines set {change} where claim_id = :id", id=claim.id)
        assert found == constraint


class TestMatches:
    @pytest.fixture
    def line(self, owner: Session, claim: Claim) -> ClaimLine:
        return owner.query(ClaimLine).filter_by(claim_id=claim.id).one()

    def insert(self, owner: Session, line: ClaimLine, order_id: int, **values: object) -> str | None:
        given = {
            "partner_id": line.partner_id, "line": line.id, "order": order_id, "kind": "EXACT",
            "state": "confirmed",
            "verified": Decimal("8000.00"), "credited": None, **values,
        }  # fmt: skip
        sql = (
            "insert into claim_matches (partner_id, claim_line_id, order_line_id, kind, state, verified_amount,"
            " credited_amount, matched_at) values"
            " (:partner_id, :line, :order, :kind, :state, :verified, :credited, now())"
        )
        try:
            owner.execute(text(sql), given)
            owner.commit()
        except DBAPIError as error:
            owner.rollback()
            return violated_constraint(error)
        return "accepted"

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"credited": "8000.01"}, "ck_claim_matches_credit_within"),
            ({"credited": "-0.01"}, "ck_claim_matches_credited_amount"),
            ({"verified": "-0.01"}, "ck_claim_matches_verified_amount"),
            ({"credited": "1.00", "state": "proposed"}, "ck_claim_matches_credit_confirmed"),
            ({"kind": "PROBABLE"}, "ck_claim_matches_exact_confirmed"),
            ({"kind": "MAYBE"}, "ck_claim_matches_kind"),
            ({"credited": "8000.00"}, "accepted"),
        ],
    )
    def test_never_credit_more_than_was_verified(
        self, owner: Session, line: ClaimLine, values: dict[str, object], constraint: str
    ) -> None:
        order = factories.make_order_line(owner, amount="8000.00")
        assert self.insert(owner, line, order.id, **values) == constraint

    def test_never_credit_an_order_twice_over_all_firms(
        self, owner: Session, line: ClaimLine, claim: Claim
    ) -> None:
        order = factories.make_order_line(owner, amount="8000.00")
        other = factories.make_claim(
            owner, factories.make_partner(owner), state=ClaimState.SUBMITTED, grid_id=claim.grid_id
        )
        its_line = owner.query(ClaimLine).filter_by(claim_id=other.id).one()
        assert self.insert(owner, line, order.id, credited="5000.00") == "accepted"
        found = self.insert(owner, its_line, order.id, credited="3000.01")
        assert found == "claim_matches_credit_within_order"
        assert self.insert(owner, its_line, order.id, credited="3000.00") == "accepted"

    def test_never_credit_a_cancelled_order(self, owner: Session, line: ClaimLine) -> None:
        order = factories.make_order_line(owner, amount="8000.00", status="cancelled")
        assert self.insert(owner, line, order.id, credited="0.01") == "claim_matches_credit_within_order"

    def test_exist_once_for_a_line_and_an_order(self, owner: Session, line: ClaimLine) -> None:
        order = factories.make_order_line(owner, amount="8000.00")
        assert self.insert(owner, line, order.id) == "accepted"
        assert self.insert(owner, line, order.id) == "uq_claim_matches_line"


class TestEvidence:
    def test_never_names_a_file_of_another_firm(self, owner: Session, claim: Claim) -> None:
        other = factories.make_partner(owner)
        owner.execute(
            text(
                "insert into files (partner_id, sha256, size, media_type, name, state, created_at)"
                " values (:firm, repeat('a', 64), 1, 'application/pdf', 'a.pdf', 'clean', now())"
            ),
            {"firm": other.id},
        )
        owner.commit()
        sql = (
            "insert into claim_evidence (partner_id, claim_id, file_id, evidence_type, uploaded_by_id, uploaded_at)"
            " select :firm, :claim, max(f.id), 'SIGNED_SOW', max(u.id), now() from files f, users u"
        )
        assert refusal(owner, sql, firm=claim.partner_id, claim=claim.id) == "fk_claim_evidence_file"
