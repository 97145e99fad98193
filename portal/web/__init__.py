"""The HTML door: a module is an area, its forms and then its views."""

from importlib import import_module

from flask import Flask

AREAS = (
    "verify",
    "viewing",
    "account",
    "balance",
    "files",
    "health",
    "profile",
    "search",
    "partner.statements",
    "partner.claims",
    "partner.coming_plan",
    "partner.disputes",
    "partner.reconciliations",
    "partner.conflict",
    "partner.inquiries",
    "partner.named_orders",
    "staff.revenue",
    "staff.inquiries",
    "partner.home",
    "partner.objectives",
    "partner.team",
    "staff.audit",
    "staff.closing",
    "staff.conflicts",
    "staff.corrections",
    "staff.finance_exports",
    "staff.handovers",
    "staff.ledger",
    "staff.mail_preview",
    "staff.payment_files",
    "staff.payments",
    "staff.mails",
    "staff.results",
    "staff.work",
    "staff.orders",
    "staff.partner_life",
    "staff.partners",
    "staff.plans",
    "staff.portfolio",
    "staff.queue",
    "staff.reorganisations",
    "staff.claims",
    "staff.disputes",
    "staff.claim_drafts",
    "staff.claim_life",
    "staff.objectives",
    "staff.users",
)


def register(app: Flask) -> None:
    """Open every area."""
    for area in AREAS:
        app.register_blueprint(import_module(f"portal.web.{area}").bp)
