"""The published rules by which a conflict is settled without a judgement. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.conflicts.models import ConflictPolicy

ONE, NOTHING = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at of a firm's claim."""

    party_id: int
    submitted_at: datetime
    proofs: Sequence[date]  # days of its evidence that precede the order


def shares_by_rule(policy: ConflictPolicy, cases: Sequence[Case]) -> dict[int, Decimal]:
    """Each party's share under the rule; they sum to exactly 1."""
    if policy is ConflictPolicy.SPLIT:
        return equal_shares([case.party_id for case in sorted(cases, key=lambda case: case.submitted_at)])
    winner = min(cases, key=_by_evidence if policy is ConflictPolicy.BEST_EVIDENCE else _by_date)
    return {case.party_id: ONE if case is winner else NOTHING for case in cases}


def equal_shares(party_ids: Sequence[int]) -> dict[int, Decimal]:
    """The same share for each, to four decimals; what is left goes to the first."""
    part = (ONE / len(party_ids)).quantize(Decimal("0.0001"), rounding="ROUND_DOWN")
    shares = dict.fromkeys(party_ids, part)
    shares[party_ids[0]] += ONE - part * len(party_ids)
    return shares


def _by_evidence(case: Case) -> tuple[bool, date, int, datetime]:
    """The oldest evidence dated before the order, then the most of it, then who was complete first."""
    return (not case.proofs, min(case.proofs, default=date.max), -len(case.proofs), case.submitted_at)


def _by_date(case: Case) -> datetime:
    return case.submitted_at
