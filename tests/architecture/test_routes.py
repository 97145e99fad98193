"""Every route says whom it is for, reads without writing, and keeps firms apart."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, Rule, UUIDConverter

from portal.access.policy import POLICY
from portal.db import db, gate_engine
from portal.files.models import StoredFile
from portal.users.models import Role, User
from portal.web.errors import PAGES
from tests import factories
from tests.web.conftest import ClientFor

ROOT = Path(__file__).parents[2]
WRITES = re.compile(r"\s*(insert|update|delete|merge|copy)\b", re.IGNORECASE)
READING_IS_NOTED = "file_readings"


def rules(application: Flask) -> Iterator[Rule]:
    """Every route but the static files."""
    yield from (rule for rule in application.url_map.iter_rules() if rule.endpoint != "static")


def permissions(application: Flask, rule: Rule) -> tuple[str, ...]:
    return getattr(application.view_functions[rule.endpoint], "permissions", ())


def readers(application: Flask, rule: Rule) -> set[Role]:
    """The roles that may open this route."""
    named = permissions(application, rule)
    return set(Role) if "public" in named else {role for name in named for role in POLICY[name]}


def path_of(rule: Rule, public_id: object) -> str:
    """The route's path for one thing; other places are filled with something that does not exist."""
    filled = {}
    for name, kind in rule._converters.items():
        filled[name] = public_id if isinstance(kind, UUIDConverter) else 1
        if isinstance(kind, AnyConverter):
            filled[name] = min(kind.items)
    built = rule.build(filled, append_unknown=False)
    assert built
    return built[1]


@contextmanager
def spied(application: Flask) -> Iterator[list[str]]:
    """Collect the statements that write, on both logins."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, _many) -> None:
        if WRITES.match(statement) and READING_IS_NOTED not in statement:
            seen.append(statement)

    with application.app_context():
        engines = (db.engine, gate_engine())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def people(owner: Session) -> dict[Role, User]:
    """One person of each role, on a programme with something in it."""
    factories.make_catalogue(owner)
    factories.make_plan(owner, factories.make_period(owner))
    partner = factories.make_partner(owner)
    factories.make_claim(owner, partner)
    return {
        role: factories.make_user(owner, role, partner=partner if role.is_partner else None) for role in Role
    }


class TestEveryRoute:
    def test_says_whom_it_is_for(self, web_app: Flask) -> None:
        unsaid = [rule.rule for rule in rules(web_app) if not permissions(web_app, rule)]
        unknown = [
            (rule.rule, name)
            for rule in rules(web_app)
            for name in permissions(web_app, rule)
            if name != "public" and name not in POLICY
        ]
        assert (unsaid, unknown) == ([], [])

    def test_is_public_only_at_the_door(self, web_app: Flask) -> None:
        opened = {rule.endpoint for rule in rules(web_app) if "public" in permissions(web_app, rule)}
        assert {endpoint.partition(".")[0] for endpoint in opened} <= {"account", "health", "verify"}

    def test_reads_without_writing_for_everybody_who_may_open_it(
        self, app: Flask, client_for: ClientFor, people: dict[Role, User]
    ) -> None:
        browsers = {role: client_for(user) for role, user in people.items()}
        broken, written = [], []
        for rule in rules(app):
            if "GET" not in rule.methods:
                continue
            for role in readers(app, rule):
                with spied(app) as statements:
                    answer = browsers[role].get(path_of(rule, uuid4()))
                if answer.status_code >= 500:
                    broken.append((rule.rule, str(role), answer.status_code))
                written += [(rule.rule, str(role), statement[:90]) for statement in statements]
        assert (broken, written) == ([], [])

    def test_sends_strangers_to_the_door(self, app: Flask, client_for: ClientFor) -> None:
        stranger = client_for(None)
        for rule in rules(app):
            if "public" in permissions(app, rule) or "GET" not in rule.methods:
                continue
            answer = stranger.get(path_of(rule, uuid4()))
            assert answer.status_code == 303, rule.rule
            assert answer.location.startswith("/account/sign-in"), rule.rule

    def test_is_closed_to_roles_without_its_permissions(
        self, app: Flask, client_for: ClientFor, people: dict[Role, User]
    ) -> None:
        browsers = {role: client_for(user) for role, user in people.items()}
        for rule in rules(app):
            for role in set(Role) - readers(app, rule):
                if "GET" in rule.methods and rule.rule != "/":
                    assert browsers[role].get(path_of(rule, uuid4())).status_code == 403, (rule.rule, role)


class TestAnotherFirmsThings:
    def belongings(self, owner: Session) -> dict[str, list[object]]:
        """Public ids of everything that belongs to another firm, by table."""
        other = factories.make_partner(owner)
        factories.make_user(owner, Role.PARTNER_ADMIN, partner=other)
        factories.make_claim(owner, other)
        owner.add(
            StoredFile(
                partner_id=other.id, sha256="0" * 64, size=1, media_type="application/pdf", name="x.pdf",
                state="clean", created_at=factories.people.AT,
            )
        )  # fmt: skip
        owner.commit()
        tables = owner.execute(
            text(
                "select table_name from information_schema.columns where table_schema = 'public'"
                " and column_name in ('public_id', 'partner_id') group by 1 having count(*) = 2"
            )
        ).scalars()
        found = {
            table: list(
                owner.execute(text(f"select public_id from {table} where partner_id = {other.id}")).scalars()
            )
            for table in tables
        }
        return {**found, "partners": [other.public_id]}

    def test_are_not_found_by_any_route_of_partners(
        self, app: Flask, client_for: ClientFor, owner: Session, people: dict[Role, User]
    ) -> None:
        belongings = self.belongings(owner)
        assert belongings["claims"] and belongings["users"] and belongings["files"]
        browser, opened = client_for(people[Role.PARTNER_ADMIN]), []
        token = browser.form_token()
        for rule in rules(app):
            if "<uuid:" not in rule.rule or Role.PARTNER_ADMIN not in readers(app, rule):
                continue
            for table, ids in belongings.items():
                for public_id in ids:
                    for method in rule.methods & {"GET", "POST"}:
                        answer = browser.open(
                            path_of(rule, public_id),
                            method=method,
                            data={"csrf_token": token},
                            follow_redirects=True,
                        )
                        if answer.status_code != 404:
                            opened.append((method, rule.rule, table, answer.status_code))
        assert opened == []


class TestEveryTemplate:
    def test_is_used(self) -> None:
        sources = [*(ROOT / "portal").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
        pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
        words = "\n".join(path.read_text() for path in [*sources, *pages])
        families = [re.sub(r"\{\w+\}", "[^/]+", name) for name in re.findall(r'f"([\w/{}]+\.html)"', words)]
        unused = []
        for page in pages:
            name = page.relative_to(ROOT / "templates").as_posix()
            if name.startswith("emails/") and "/_" not in name:
                name = '"' + page.parent.name.replace("_", ".", 1) + '"'
            if name not in words and not any(re.fullmatch(family, name) for family in families):
                unused.append(name)
        assert unused == []

    def test_of_an_error_has_its_status(self) -> None:
        assert {int(path.stem) for path in (ROOT / "templates/errors").glob("*.html")} == PAGES
