"""The HTML door: a module is an area, its forms and then its views."""

from flask import Flask


def register(app: Flask) -> None:
    """Open every area."""
    from portal.web import account, balance, files, health, profile, search, verify
    from portal.web.partner import (
        claims,
        coming_plan,
        conflict,
        disputes,
        home,
        inquiries,
        named_orders,
        objectives,
        reconciliations,
        statements,
        team,
    )
    from portal.web.staff import (
        audit,
        claim_drafts,
        claim_life,
        closing,
        conflicts,
        corrections,
        finance_exports,
        handovers,
        ledger,
        mail_preview,
        mails,
        orders,
        partner_life,
        partners,
        payment_files,
        payments,
        plans,
        portfolio,
        queue,
        reorganisations,
        results,
        revenue,
        users,
        work,
    )
    from portal.web.staff import claims as staff_claims
    from portal.web.staff import disputes as staff_disputes
    from portal.web.staff import inquiries as staff_inquiries
    from portal.web.staff import objectives as staff_objectives

    areas = (
        verify,
        account,
        balance,
        files,
        health,
        profile,
        search,
        # partner
        statements,
        claims,
        coming_plan,
        disputes,
        reconciliations,
        conflict,
        inquiries,
        named_orders,
        revenue,
        staff_inquiries,
        home,
        objectives,
        team,
        # staff
        audit,
        closing,
        conflicts,
        corrections,
        finance_exports,
        handovers,
        ledger,
        mail_preview,
        payment_files,
        payments,
        mails,
        results,
        work,
        orders,
        partner_life,
        partners,
        plans,
        portfolio,
        queue,
        reorganisations,
        staff_claims,
        staff_disputes,
        claim_drafts,
        claim_life,
        staff_objectives,
        users,
    )
    for area in areas:
        app.register_blueprint(area.bp)
