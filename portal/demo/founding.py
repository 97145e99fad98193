"""Writing the frame: people, firms, who follows whom, periods, objectives."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import psycopg

from portal import users
from portal.demo import firms, objectives, people, programme, staff
from portal.demo.loading import copy
from portal.demo.staff import HIRED_AT
from portal.demo.world import World

Row = dict[str, Any]


def write_people(owner: psycopg.Connection, world: World) -> None:
    """Firms, everybody, who follows whom, and the passwords of the accounts."""
    copy(owner, "partners", firms.partner_rows(world.firms))
    copy(owner, "users", chain(staff.staff_rows(), people.firm_people_rows(world.firms)))
    copy(owner, "pam_assignments", firms.assignment_rows(world.firms))
    copy(owner, "audit_records", _assignment_audits(firms.assignment_rows(world.firms)))
    copy(owner, "delegations", staff.delegation_rows())
    copy(owner, "competencies", firms.competency_rows(world.firms))
    copy(owner, "billing_profiles", people.billing_rows(world.firms))
    copy(owner, "billing_contacts", people.contact_rows(world.firms))
    give_passwords(owner)


def give_passwords(owner: psycopg.Connection) -> None:
    """Only the listed accounts can sign in."""
    for _, user_id, password in people.ACCOUNTS:
        owner.execute("update users set state = 'active' where id = %s", [user_id])
        owner.execute(
            "insert into user_secrets (user_id, password_hash, changed_at) values (%s, %s, %s)",
            [user_id, users.hash_password(password), HIRED_AT],
        )


def write_programme(owner: psycopg.Connection, world: World) -> None:
    """Periods, objectives and satisfaction; catalogue and plans have services of their own."""
    copy(owner, "periods", programme.period_rows())
    rows = list(objectives.objective_rows(world.firms, world.stories, programme.PERIOD_IDS))
    copy(owner, "objectives", rows)
    copy(owner, "audit_records", _objective_audits(rows))
    copy(owner, "satisfaction_scores", firms.satisfaction_rows(world.firms, programme.PERIOD_IDS))


def _assignment_audits(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        details = {"after": row["pam_id"], "reason": row["reason"], "starts_on": row["starts_on"].isoformat()}
        subject = row["partner_id"], "partner", row["partner_id"]
        yield _audit("pam.assigned", row["assigned_at"], row["assigned_by_id"], *subject, details)


def _objective_audits(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        subject = row["partner_id"], "objective", row["id"]
        yield _audit(
            "objective.set", row["notified_at"], row["set_by_id"], *subject, {"target": str(row["target"])}
        )
        if row["accepted_at"]:
            yield _audit("objective.accepted", row["accepted_at"], row["accepted_by_id"], *subject, {})


def _audit(
    action: str, at: Any, actor_id: Any, partner_id: Any, kind: str, subject: object, details: Row
) -> Row:
    return {
        "at": at, "action": action, "actor_id": actor_id, "partner_id": partner_id, "subject_kind": kind,
        "subject_id": str(subject), "details": details,
    }  # fmt: skip
