"""What is kept of a result: its document and the outline of its trace; the rest is computed again on demand.

The engine is a function of the plan and the frozen facts, so that the whole trace is there whenever somebody
looks, and is shown only where it leads to the very document that was kept.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, LiteralString

from portal.db import db
from portal.errors import Refused
from portal.margin.engine import Result, evaluate, outlined_document, parse_period_facts, parse_plan
from portal.margin.engine import result_document as whole_document
from portal.margin.facts import PartnerFacts

_canonical = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


class ResultRefused(Refused):
    """A partner's period cannot be computed as things stand."""

    code = "result_refused"


@dataclass(frozen=True, slots=True)
class Kept:
    """The columns of a result that are not totals: its documents written in the one canonical way."""

    position: int
    partner_id: int
    plan_id: int
    facts: str
    facts_sha256: str
    result: str
    result_sha256: str


def sha256_of(document: object) -> str:
    """The hash of a document, written in the one canonical way."""
    return _hash(_canonical(document))


def _hash(written: str) -> str:
    return sha256(written.encode()).hexdigest()


def compute(facts: PartnerFacts, *, position: int) -> Kept:
    """What a run keeps of a partner: the facts as frozen, and what the engine makes of them."""
    result = facts.result
    if result is None or facts.plan is None:
        raise ResultRefused("plan_missing", partner=facts.partner.code, segment=facts.partner.segment)
    frozen, found = _canonical(facts.document), _canonical(outlined_document(result))
    return Kept(position, facts.partner.id, facts.plan.id, frozen, _hash(frozen), found, _hash(found))


_INSERT: LiteralString = """
insert into margin_results (run_id, position, partner_id, plan_id, facts, facts_sha256, result, result_sha256,
  credited, gross, earnings, adjustments, carry_in, balance, payable, carry_out)
select %(run)s, position, partner_id, plan_id, facts, facts_sha256, result, result_sha256,
  (result->>'credited')::numeric, (result->>'gross')::numeric, (result->>'earnings')::numeric,
  (result->>'adjustments')::numeric, (result->>'carry_in')::numeric, (result->>'balance')::numeric,
  (result->>'payable')::numeric, (result->>'carry_out')::numeric
from (
  select position, partner_id, plan_id, facts::jsonb, facts_sha256, result::jsonb, result_sha256
  from unnest(%(position)b::integer[], %(partner_id)b::bigint[], %(plan_id)b::bigint[], %(facts)b::text[],
    %(facts_sha256)b::text[], %(result)b::text[], %(result_sha256)b::text[])
    as given(position, partner_id, plan_id, facts, facts_sha256, result, result_sha256)
  offset 0) as computed  -- each document is read once
"""


def write(run_id: int, kept: Iterable[Kept]) -> None:
    """Add results to a run, all in one statement."""
    kept = list(kept)
    if kept:
        columns = {field.name: [getattr(one, field.name) for one in kept] for field in fields(Kept)}
        raw: Any = db.session.connection().connection.driver_connection
        raw.execute(_INSERT, {"run": run_id, **columns})


def whole_result(kept: dict[str, Any], *, plan: object, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its whole trace: kept by earlier versions, else computed again."""
    if "claims" in kept["trace"]:
        return kept
    return trace_again(kept, evaluate(parse_plan(plan), parse_period_facts(facts)))


def trace_again(kept: dict[str, Any], again: Result) -> dict[str, Any]:
    """As whole_result, where the result is already computed again."""
    if "claims" in kept["trace"]:
        return kept
    if outlined_document(again) != kept:
        raise ResultRefused("result_differs", partner=again.facts.partner)
    return whole_document(again)
