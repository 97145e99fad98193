"""Every route that changes something: closed to other roles, to forged forms and to things that are not one's own."""

from uuid import uuid4

from flask import Flask
from sqlalchemy.orm import Session

from portal.users.models import Role, User
from tests.architecture.test_routes import path_of, people, readers, rules
from tests.web.conftest import ClientFor

__all__ = ["people"]


def posts(app: Flask) -> list:
    """Routes that take forms, but those at the door."""
    return [
        rule for rule in rules(app) if "POST" in rule.methods and not rule.endpoint.startswith("account.")
    ]


class TestEveryPost:
    def test_is_closed_to_other_roles_and_finds_nothing_for_its_own(
        self, app: Flask, client_for: ClientFor, people: dict[Role, User]
    ) -> None:
        wrong = []
        for role, person in people.items():
            browser = client_for(person)
            token = browser.form_token()
            for rule in posts(app):
                allowed = role in readers(app, rule)
                if allowed and "<uuid:" not in rule.rule:
                    continue
                answer = browser.post(path_of(rule, uuid4()), data={"csrf_token": token})
                if answer.status_code not in ((403, 404) if allowed else (403,)):
                    wrong.append((str(role), rule.rule, answer.status_code))
        assert not wrong, "\n".join(map(str, wrong))

    def test_takes_no_form_without_its_token_nor_with_anothers(
        self, app: Flask, client_for: ClientFor, people: dict[Role, User]
    ) -> None:
        stolen, taken = client_for(people[Role.ADMIN]).form_token(), []
        browsers = {role: client_for(person) for role, person in people.items()}
        for rule in posts(app):
            role = min(readers(app, rule))
            for given in ({}, {"csrf_token": stolen}):
                answer = browsers[role].post(path_of(rule, uuid4()), data=given)
                if answer.status_code != 400:
                    taken.append((str(role), rule.rule, answer.status_code))
        assert not taken, "\n".join(map(str, taken))


class TestRole:
    def test_that_changes_ends_the_session_at_once(
        self, client_for: ClientFor, owner: Session, people: dict[Role, User]
    ) -> None:
        lead = people[Role.SEGMENT_LEAD]
        browser = client_for(lead)
        assert browser.get("/account/profile").status_code == 200
        client_for(people[Role.ADMIN]).send(f"/staff/users/{lead.public_id}", {"role": Role.AUDITOR})
        assert browser.get("/account/profile").status_code == 303
