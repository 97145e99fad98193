"""A programme in full life, for tests that look at every page: a half-year closed, the next one open."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from portal import claims, closing
from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.db import db, transaction
from portal.portfolio.models import PamAssignment
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.integration.margin_facts import arvelia
from tests.web.conftest import Browser
from tests.workers.conftest import Drain

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CLOSED = "FY26-H2"
People = dict[Role, User]


@pytest.fixture
def inhabitants(owner: Session, acting: Acting, drain: Drain) -> People:
    """A person of each role, on pages that have something to show."""
    firm = arvelia.arrange(owner)
    people = {role: factories.make_user(owner, role) for role in Role if not role.is_partner}
    people[Role.PAM] = owner.get_one(User, _pam_of(owner, firm))
    people[Role.PARTNER_ADMIN] = firm.admin
    people[Role.PARTNER_MEMBER] = factories.make_user(owner, Role.PARTNER_MEMBER, partner=firm.partner)
    grid = {"grid_id": firm.claims[1].grid_id}
    _open_period(owner, firm, grid)
    _ask(
        acting,
        factories.make_claim(owner, firm.partner, state=ClaimState.SUBMITTED, **grid),
        people[Role.PAM],
    )
    _close(acting, people, drain)
    return people


def _pam_of(owner: Session, firm: arvelia.Arvelia) -> int:
    """Who follows the firm of the example."""
    return owner.query(PamAssignment.pam_id).filter_by(partner_id=firm.partner.id).scalar()


def _open_period(owner: Session, firm: arvelia.Arvelia, grid: dict[str, int | None]) -> None:
    """The half-year that runs: an objective and a claim in each state that a page shows apart."""
    period = factories.make_period(owner, "FY27-H1")
    factories.make_plan(owner, period)
    measure.make_objective(owner, firm.partner, period, "180000.00")
    for state in (
        ClaimState.DRAFT,
        ClaimState.SUBMITTED,
        ClaimState.APPROVED,
        ClaimState.REJECTED,
    ):
        claim = factories.make_claim(owner, firm.partner, author=firm.admin, state=state, **grid)
        if state is ClaimState.APPROVED:
            measure.make_ordered(owner, claim, "10000.00", "M365", ordered_on=date(2026, 9, 15))


def _ask(acting: Acting, claim: Claim, pam: User) -> None:
    """A question that waits for the firm."""
    with acting(pam), transaction():
        asked = db.session.get_one(Claim, claim.id)
        claims.take_claim(claim=asked, seen=asked.version, actor_id=pam.id, at=AT)
        claims.request_info(
            claim=asked,
            seen=asked.version,
            reason="EVIDENCE_UNDATED",
            note="Quel bon ?",
            actor_id=pam.id,
            at=AT,
        )


def _close(acting: Acting, people: People, drain: Drain) -> None:
    """Compute, propose, approve and issue the half-year of the example."""
    manager, finance = people[Role.PROGRAMME_MANAGER], people[Role.FINANCE]
    with acting(manager), transaction():
        closing.start_closing(period_code=CLOSED, actor_id=manager.id, at=AT)
    drain("margin.compute")
    with acting(manager), transaction():
        closing.propose_close(period_code=CLOSED, actor_id=manager.id, at=AT)
    with acting(finance), transaction():
        closing.approve_close(period_code=CLOSED, run_number=1, actor_id=finance.id, at=AT)
    drain("closing.issue")


def endpoint_of(application: Flask, path: str) -> str | None:
    """Which view a link leads to; None for one that leads nowhere here."""
    try:
        return application.url_map.bind("localhost").match(path.partition("?")[0])[0]
    except HTTPException:
        return None


def pages(application: Flask, browser: Browser, *first: str) -> Iterator[tuple[str, str]]:
    """Every HTML page within this person's reach by links, one for each view: its address and its text."""
    waiting, seen = ["/", *first], set()
    while waiting:
        path = waiting.pop(0)
        endpoint = endpoint_of(application, path)
        if endpoint in seen or endpoint in (None, "static"):
            continue
        seen.add(endpoint)
        answer = browser.get(path, follow_redirects=True)
        seen.add(endpoint_of(application, answer.request.path))
        if answer.mimetype != "text/html":
            continue
        yield answer.request.path, answer.text
        waiting += [link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', answer.text)]
