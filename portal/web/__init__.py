"""The HTML door: a module is an area, its forms and then its views."""

from flask import Flask


def register(app: Flask) -> None:
    """Open every area."""
    from portal.web import account, health, profile

    areas = (
        account,
        health,
        profile,
        # partner
        # staff
    )
    for area in areas:
        app.register_blueprint(area.bp)
