"""What differs between the inputs of a statement and those of now, why, and what it is worth. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.margin.engine import ClaimLine, Result
from portal.money import ZERO, plain


class Outcome(StrEnum):
    """What became of a partner whose closed period was computed again; the last six say why it is 0.00."""

    UNCHANGED = "unchanged"
    PROPOSED = "proposed"
    REFUSED = "refused"
    ADJUSTED = "adjusted"
    PARTNER_CAP = "partner_cap"
    GATE = "gate"
    COMPONENT_CAP = "component_cap"
    NO_CREDIT = "no_credit"
    NO_RATE = "no_rate"


class Cause(StrEnum):
    """Reasons of the catalogue that a change proves by itself."""

    CREDIT_NOTE = "CREDIT_NOTE"
    FINAL_AMOUNT_DIFFERS = "FINAL_AMOUNT_DIFFERS"
    SHARE_CHANGED = "SHARE_CHANGED"
    RULE_CORRECTED = "RULE_CORRECTED"
    APPEAL_WON = "APPEAL_WON"
    AUDIT_FINDING = "AUDIT_FINDING"
    LATE_CLAIM = "LATE_CLAIM"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a claim's line stands today; `verified` is none where no order is confirmed."""

    state: str
    decided_at: datetime | None
    appealed: bool
    contested: bool
    verified: Decimal | None
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """A line as it enters a result: approved, what of it is credited, and the partner's share where given."""

    approved: Decimal
    credited: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """One input that differs: a claim's line by its ref, the plan, or a figure; none where it was absent."""

    what: str
    before: Any
    after: Any
    ref: str = ""
    cause: Cause | None = None

    def as_document(self) -> dict[str, Any]:
        """As it is kept beside the adjustment and printed."""
        said = {"what": self.what, "before": _said(self.before), "after": _said(self.after)}
        return said | ({"ref": self.ref} if self.ref else {}) | ({"cause": self.cause} if self.cause else {})


def _said(value: Any) -> Any:
    if isinstance(value, Figures):
        share = None if value.share is None else plain(value.share)
        return {"approved": plain(value.approved), "credited": plain(value.credited), "share": share}
    return plain(value) if isinstance(value, Decimal) else value


def changed_lines(
    before: Result | None, after: Result
) -> Iterator[tuple[str, Figures | None, Figures | None]]:
    """Lines whose inputs differ, by ref; what only the plan credits otherwise is the plan's doing."""
    old, new = _lines(before) if before else {}, _lines(after)
    for ref in sorted({*old, *new}):
        was, now = old.get(ref), new.get(ref)
        if was is None or now is None or was[0] != now[0]:
            yield ref, was and was[1], now and now[1]


def _lines(result: Result) -> dict[str, tuple[object, Figures]]:
    partner = result.facts.partner
    return {
        one.claim.ref: (
            _inputs(one.claim, partner),
            Figures(one.in_euros or one.claim.approved, one.credited, _share(one.claim, partner)),
        )
        for part in result.parts
        for one in part.credits
        if one.counts
    }


def _inputs(claim: ClaimLine, partner: str) -> object:
    """The names of others are masked, so that only the parts themselves are compared."""
    parts = sorted((claim.shares or {}).values())
    return (
        claim.family,
        claim.ordered_on,
        (claim.approved, claim.currency, claim.fx_rate),
        claim.roles,
        _share(claim, partner),
        parts,
        claim.project,
    )


def _share(claim: ClaimLine, partner: str) -> Decimal | None:
    return claim.shares[partner] if claim.shares else None


def changes_between(
    before: Result | None, after: Result, standings: Mapping[str, Standing], *, cut_off_at: datetime
) -> list[Change]:
    """Everything that differs, lines first; what the earlier inputs never had is new."""
    found = [
        Change("line", was, now, ref, cause_of(was, now, standings.get(ref), cut_off_at))
        for ref, was, now in changed_lines(before, after)
    ]
    if before is None:
        return found
    if [part.plan for part in before.parts] != [part.plan for part in after.parts]:
        found.append(Change("plan", _plans(before), _plans(after), cause=Cause.RULE_CORRECTED))
    return found + list(_figures(before, after))


def _figures(before: Result, after: Result) -> Iterator[Change]:
    for name in ("target", "baseline", "csat", "prior_earnings"):
        was, now = getattr(before.facts, name), getattr(after.facts, name)
        if was != now:
            yield Change(name, was, now)
    if before.facts.competencies != after.facts.competencies:
        yield Change("competencies", _held(before), _held(after))
    if _part(before) != _part(after):
        yield Change("proration", _part(before), _part(after))


def _plans(result: Result) -> str:
    return ", ".join(f"{part.plan.code} v{part.plan.version}" for part in result.parts)


def _held(result: Result) -> list[str]:
    return [f"{one.code} {one.starts_on}/{one.ends_before or ''}" for one in result.facts.competencies]


def _part(result: Result) -> str | None:
    parts = [part.facts.proration for part in result.parts]
    return " + ".join(f"{one.days}/{one.of}" for one in parts if one) or None


def cause_of(
    was: Figures | None, now: Figures | None, standing: Standing | None, cut_off_at: datetime
) -> Cause | None:
    """The reason that a line's change proves; none where a person has to say it."""
    if standing is None:
        return None
    if now is None:
        return _cause_of_loss(standing)
    if was is None:
        decided_late = standing.decided_at is not None and standing.decided_at > cut_off_at
        return Cause.APPEAL_WON if standing.appealed and decided_late else Cause.LATE_CLAIM
    if was.share != now.share and was.approved == now.approved:
        return Cause.SHARE_CHANGED
    if now.approved < was.approved:
        return Cause.CREDIT_NOTE if standing.cancelled else _cause_of_amount(now, standing)
    return (
        Cause.APPEAL_WON
        if standing.appealed and now.approved > was.approved
        else _cause_of_amount(now, standing)
    )


def _cause_of_loss(standing: Standing) -> Cause | None:
    if standing.state == "revoked":
        return Cause.AUDIT_FINDING
    if standing.contested and standing.state in ("rejected", "in_conflict"):
        return Cause.SHARE_CHANGED
    return Cause.CREDIT_NOTE if standing.verified == 0 else None


def _cause_of_amount(now: Figures, standing: Standing) -> Cause | None:
    """The orders bind what is counted: their final amount is what changed."""
    return Cause.FINAL_AMOUNT_DIFFERS if now.approved == standing.verified else None


def reason_of(changes: Sequence[Change]) -> str | None:
    """The reason of a difference where all its causes agree; none where a person has to choose."""
    causes = {one.cause for one in changes}
    return str(causes.pop()) if len(causes) == 1 and None not in causes else None


def why_nothing(before: Result | None, after: Result) -> Outcome:
    """Why changed inputs make no difference with what was stated by now, adjustments included."""
    if before is not None and after.payment.earnings != before.payment.earnings:
        return Outcome.ADJUSTED
    if after.credited == (before.credited if before else ZERO):
        return Outcome.NO_CREDIT
    if _capped(after) and (before is None or _capped(before)):
        return Outcome.PARTNER_CAP
    components = [one for part in after.parts for one in part.components]
    if not all(gate.passed for part in after.parts for gate in part.gates):
        return Outcome.GATE
    if any(line.kind == "CAP" for one in components for line in one.lines):
        return Outcome.COMPONENT_CAP
    return Outcome.GATE if not all(one.passed for one in components) else Outcome.NO_RATE


def _capped(result: Result) -> bool:
    return result.payment.capped < result.payment.gross


def difference(*, stated: Decimal, adjusted: Decimal, after: Decimal) -> Decimal:
    """What a closed period earns by now, less all that was stated of it, adjustments included (R8)."""
    return (after - (stated + adjusted)) or ZERO
