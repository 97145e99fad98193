"""On any day of a partner's life exactly one PAM, whatever sequence of handovers, imports, undo, departures."""

import contextlib
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import portfolio
from portal.clock import offset_to
from portal.db import transaction
from portal.errors import DomainError
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT, siren

START = date(2026, 11, 23)
HEAD = "partner_code;siren;legal_name;segment;coverage;pam_epg;pam_smsp;pam_retained;effective_date"
FIRMS, PAMS = st.integers(0, 2), st.integers(0, 2)
DAYS = st.integers(0, 4)
WRONG = text("""
select p.code, d::date from partners p
cross join lateral generate_series(p.starts_on, least(p.ends_before, date '2026-12-31') - 1, '1 day') d
where p.starts_on > date '2026-11-01' or d >= date '2026-11-20'
group by p.id, p.code, d
having (select count(*) from pam_assignments a where a.partner_id = p.id and a.valid @> d::date) <> 1
union all
select p.code, a.starts_on from pam_assignments a join partners p on p.id = a.partner_id
where not daterange(p.starts_on, p.ends_before) @> a.valid""")


class Lives(RuleBasedStateMachine):
    """A lead who does whatever comes to mind, day after day."""

    owner: Session
    acting: Acting
    joined = 0
    taken_back = 0

    @initialize()
    def begin(self) -> None:
        self.at: datetime = AT
        self.lead: User = factories.make_user(self.owner, Role.SEGMENT_LEAD)
        self.pams = [factories.make_pam(self.owner) for _ in range(3)]
        self.firms = [factories.make_partner(self.owner, pam=pam) for pam in self.pams]
        self.files: list[UUID] = []
        self.reorganise({0, 1}, pam=2, ahead=1, joins=True, merges=True)
        self.undo(0)

    def attempt(self, what: Any, **given: Any) -> Any:
        """Do it, or be refused in the domain's own words: nothing else may come."""
        with type(self).acting(self.lead), contextlib.suppress(DomainError), transaction() as session:
            if "firm" in given:
                given["partner"] = session.get(Partner, given.pop("firm"))
            answer = what(**given, actor_id=self.lead.id, at=self.at)
            return getattr(answer, "public_id", None)

    @property
    def today(self) -> date:
        """The day it is."""
        return self.at.date()

    @rule(firms=st.sets(FIRMS, min_size=1), pam=PAMS, ahead=DAYS)
    def hand_over(self, firms: set[int], pam: int, ahead: int) -> None:
        self.attempt(
            portfolio.hand_over_portfolio, partner_ids=[self.firms[one].id for one in firms],
            pam_id=self.pams[pam].id, starts_on=self.today + timedelta(days=ahead), reason="",
        )  # fmt: skip

    @rule(firms=st.sets(FIRMS, min_size=1), pam=PAMS, ahead=DAYS, joins=st.booleans(), merges=st.booleans())
    def reorganise(self, firms: set[int], pam: int, ahead: int, joins: bool, merges: bool) -> None:
        on = (self.today + timedelta(days=ahead)).isoformat()
        end = f"SSII;DEDICATED;;;{self.pams[pam].email};{on}"
        known = [self.firms[one] for one in sorted(firms)]
        lines = [f"{one.code};{one.siren};{one.legal_name};{end}" for one in known]
        if merges and len(known) > 1:
            lines[1] = f"{known[1].code};{known[0].siren};{known[1].legal_name};{end}"
        if joins:
            type(self).joined += 1
            lines.append(f"P-8{self.joined:04d};{siren(80000 + self.joined)};Nouvelle;{end}")
        done = self.attempt(
            portfolio.reorganise, content="\n".join([HEAD, *lines]).encode(), name="reorg.csv",
            merges_accepted=True,
        )  # fmt: skip
        self.files += [done] if done else []

    @rule(back=st.integers(0, 2))
    def undo(self, back: int) -> None:
        for public_id in self.files[-1 - back :][:1]:
            with type(self).acting(self.lead), contextlib.suppress(DomainError), transaction():
                done = portfolio.get_reorganisation(public_id)
                portfolio.undo_reorganisation(done=done, actor_id=self.lead.id, at=self.at)
                type(self).taken_back += 1

    @rule(firm=FIRMS, ahead=DAYS)
    def leave(self, firm: int, ahead: int) -> None:
        self.attempt(
            portfolio.leave_programme, firm=self.firms[firm].id, reason="",
            last_day=self.today + timedelta(days=ahead),
        )  # fmt: skip

    @rule(firm=FIRMS, ahead=st.none() | DAYS)
    def change_last_day(self, firm: int, ahead: int | None) -> None:
        last_day = None if ahead is None else self.today + timedelta(days=ahead)
        self.attempt(portfolio.change_last_day, firm=self.firms[firm].id, last_day=last_day)

    @rule()
    def sleep(self) -> None:
        if self.today < START + timedelta(days=4):
            self.at += timedelta(days=1)

    @invariant()
    def exactly_one_pam_on_every_day(self) -> None:
        wrong = self.owner.execute(WRONG).all()
        self.owner.rollback()
        assert wrong == []


class TestAnySequence:
    def test_leaves_exactly_one_pam_on_every_day(self, owner: Session, acting: Acting) -> None:
        day = {"offset": offset_to(date(2026, 11, 23))}
        owner.execute(text("update clock_setting set offset_days = :offset"), day)
        owner.commit()
        chosen = settings(
            max_examples=6, stateful_step_count=8, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None,
        )  # fmt: skip
        Lives.owner, Lives.acting = owner, staticmethod(acting)  # type: ignore[assignment]
        run_state_machine_as_test(Lives, settings=chosen)
        assert Lives.joined and Lives.taken_back, "the sequences were too tame"
