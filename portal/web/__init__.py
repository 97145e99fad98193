"""The HTML door: a module is an area, its forms and then its views."""

from flask import Flask


def register(app: Flask) -> None:
    """Open every area."""
    from portal.web import account, health, profile
    from portal.web.partner import team
    from portal.web.staff import users

    areas = (
        account,
        health,
        profile,
        # partner
        team,
        # staff
        users,
    )
    for area in areas:
        app.register_blueprint(area.bp)
