"""How objectives and back-end margins are computed: pure, exact, from dataclasses to dataclasses."""

from portal.margin.engine.components import ComponentResult, Print, PrintedLine
from portal.margin.engine.crediting import Credit, Measure, Project, Reason, credit_line
from portal.margin.engine.evaluation import Result, evaluate, plan_on, with_line
from portal.margin.engine.facts import Adjustment, ClaimLine, Competency, EarlierPart, Facts, Proration
from portal.margin.engine.facts_document import parse_facts, parse_period_facts, read_order_date
from portal.margin.engine.faults import FAULTS, FaultAt
from portal.margin.engine.gates import GateResult
from portal.margin.engine.oddities import ODDITIES, GatesPassed, Oddity, oddities
from portal.margin.engine.payment import Document, DocumentKind, Payment, settle_payment
from portal.margin.engine.plan import Component, Plan, Role, Rounding, Tier, TrueUp
from portal.margin.engine.plan_document import parse_plan
from portal.margin.engine.preview import AttainmentBar, BarTier, NextTier, attainment_bar, next_tier
from portal.margin.engine.result_document import outlined_document, result_document
from portal.margin.engine.trace import outline_of

__all__ = [
    "FAULTS",
    "ODDITIES",
    "Adjustment",
    "AttainmentBar",
    "BarTier",
    "ClaimLine",
    "Competency",
    "Component",
    "ComponentResult",
    "Credit",
    "Document",
    "DocumentKind",
    "EarlierPart",
    "Facts",
    "FaultAt",
    "GateResult",
    "GatesPassed",
    "Measure",
    "NextTier",
    "Oddity",
    "Payment",
    "Plan",
    "Print",
    "PrintedLine",
    "Project",
    "Proration",
    "Reason",
    "Result",
    "Role",
    "Rounding",
    "Tier",
    "TrueUp",
    "attainment_bar",
    "credit_line",
    "evaluate",
    "next_tier",
    "oddities",
    "outline_of",
    "outlined_document",
    "parse_facts",
    "parse_period_facts",
    "parse_plan",
    "plan_on",
    "read_order_date",
    "result_document",
    "settle_payment",
    "with_line",
]
