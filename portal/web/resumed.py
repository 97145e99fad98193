"""A form never loses what was typed: a session that ends gives it back, filled, once signed in again."""

from typing import Any

from flask import Flask, Response, after_this_request, g, make_response, render_template, request

from portal.web import asking
from portal.web.paths import here
from portal.web.words import words

MARK = "_resumed"  # the form comes back to be looked at, not to be carried out
EMAIL, PASSWORD = "_sign_in_email", "_sign_in_password"
NOT_KEPT = {"csrf_token", MARK, EMAIL, PASSWORD}


def install(app: Flask) -> None:
    """Let a kept form sign its sender in on the way to its own page."""
    app.before_request(_sign_in_on_the_way)


def keep(**context: Any) -> Response:
    """The page that holds the form's fields and asks to sign in, or only to look again."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_KEPT and "password" not in name
    ]
    files = any(file.filename for file in request.files.values())
    signed_in = g.get("person") is not None
    html = render_template(
        "errors/401.html",
        fields=fields,
        files=files,
        signed_in=signed_in,
        action=here(),
        words=words,
        **context,
    )
    return make_response(html, 400 if signed_in else 401)


def _sign_in_on_the_way() -> Response | None:
    if request.method != "POST" or g.person or EMAIL not in request.form:
        return None
    email = request.form[EMAIL]
    token = asking.sign_in(email, request.form.get(PASSWORD, ""))
    if token is None:
        return keep(email=email, refused=True)
    asking.enter(token)
    after_this_request(lambda response: asking.hand_over(response, token))
    return None
