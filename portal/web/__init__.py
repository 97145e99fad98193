"""The HTML door: a module is an area, its forms and then its views."""

from flask import Flask


def register(app: Flask) -> None:
    """Open every area."""
    from portal.web import account, files, health, profile
    from portal.web.partner import claims, team
    from portal.web.staff import claims as staff_claims
    from portal.web.staff import plans, queue, users

    areas = (
        account,
        files,
        health,
        profile,
        # partner
        claims,
        team,
        # staff
        plans,
        queue,
        staff_claims,
        users,
    )
    for area in areas:
        app.register_blueprint(area.bp)
