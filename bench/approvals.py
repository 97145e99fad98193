"""Sixty-four people approve one claim at once, again and again: exactly one of them may succeed.

`python bench/approvals.py DATABASE_URL [rounds] [hands]`, with the owner's URL of a server where a scratch
database may be made. Every hand has a connection and a session, and calls the service that the pages use.
"""

import statistics
import sys
import time
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Lock, Thread

sys.path.insert(0, str(Path(__file__).parent.parent))

from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from portal import catalogue, claims
from portal import db as database
from portal.claims import Claim, ClaimState, LineVerdict, ProjectRole, Verdict
from portal.db import Identity, acting_as, driver_url, transaction
from portal.errors import DomainError
from portal.users.models import Role, User
from tests import databases, factories
from tests.factories.people import AT

ROUNDS, HANDS = 200, 64


class Race:
    """A firm, its account manager and as many sessions as there are hands."""

    def __init__(self, url: str, hands: int) -> None:
        self.app = Flask("bench")
        logins = {name: databases.with_login(url, f"portal_{name}") for name in ("app", "gate")}
        database.init(self.app, app_url=logins["app"], gate_url=logins["gate"])
        with self.app.app_context():
            database.db.engine.pool._max_overflow = hands  # type: ignore[attr-defined]
        self.owner = Session(create_engine(driver_url(url), poolclass=NullPool), expire_on_commit=False)
        manager = factories.make_user(self.owner, Role.PROGRAMME_MANAGER)
        with self.app.app_context(), acting_as(self.identity(manager)), transaction():
            catalogue.load_programme(at=AT, actor_id=manager.id)
        self.pam = factories.make_pam(self.owner)
        self.firm = factories.make_partner(self.owner, pam=self.pam)
        self.author = factories.make_user(self.owner, Role.PARTNER_ADMIN, partner=self.firm)
        self.identities = [self.identity(self.pam) for _ in range(hands)]

    def identity(self, person: User) -> Identity:
        """A session of this person."""
        return Identity(factories.make_session(self.owner, person), person.role.database_role)

    def claim(self) -> Claim:
        """A claim under review."""
        return factories.make_claim(
            self.owner, self.firm, author=self.author, state=ClaimState.IN_REVIEW, grid_id=1
        )

    def verdict(self, claim: Claim) -> Verdict:
        """All of it, the whole grid ticked."""
        with self.app.app_context(), acting_as(self.identities[0]):
            lines = {line.id: LineVerdict(line.declared) for line in claims.lines_of(claim.id)}
            ticks = frozenset(check.code for check in catalogue.list_checks(1))
        roles = tuple(ProjectRole(role) for role in claim.roles)
        return Verdict(lines=lines, roles=roles, ticks=ticks, weight=Decimal(1))

    def run(self) -> tuple[int, float]:
        """One round: how many approvals succeeded, and the seconds until the last hand had its answer."""
        claim = self.claim()
        verdict, done, lock = self.verdict(claim), [], Lock()
        gate = Barrier(len(self.identities) + 1)

        def approve(identity: Identity) -> None:
            with self.app.app_context(), acting_as(identity):
                gate.wait()
                try:
                    with transaction():
                        mine = claims.get_claim(claim.public_id)
                        claims.approve_claim(claim=mine, seen=1, verdict=verdict, actor_id=self.pam.id, at=AT)
                except DomainError:
                    return
                with lock:
                    done.append(identity)

        threads = [Thread(target=approve, args=(identity,)) for identity in self.identities]
        for thread in threads:
            thread.start()
        gate.wait()
        started = time.perf_counter()
        for thread in threads:
            thread.join()
        return len(done), time.perf_counter() - started


def main(url: str, rounds: int = ROUNDS, hands: int = HANDS) -> int:
    """Print what came out; 1 where a round had other than one success."""
    scratch = databases.create(url)
    try:
        race = Race(scratch, hands)
        found = [race.run() for _ in range(rounds)]
        race.owner.close()
    finally:
        databases.drop(url, scratch)
    wrong = [successes for successes, _ in found if successes != 1]
    seconds = [took for _, took in found]
    print(f"{rounds} rounds of {hands} simultaneous approvals of one claim")
    print(f"  exactly one success in {rounds - len(wrong)} of {rounds} rounds {wrong or ''}")
    print(f"  a round takes {statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s at most")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *(int(argument) for argument in sys.argv[2:])))
