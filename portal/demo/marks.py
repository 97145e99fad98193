"""What the database itself says of the making of the demo, and starting over where it was cut short."""

from enum import StrEnum

import psycopg
from psycopg import sql

from portal.clock import real_now
from portal.errors import Refused

SESSION = "token_hash, service, created_at, last_seen_at, expires_at"
OF_THE_INSTANCE = "where service is not null and expires_at = 'infinity'"
KEPT = ("alembic_version", "clock_setting")


class Mark(StrEnum):
    """How far the making has come."""

    EMPTY = "empty"
    BEGUN = "begun"
    MADE = "made"
    FOREIGN = "foreign"  # there are partners that no demo made


class NotADemo(Refused):
    """The database holds something else."""

    code = "not_a_demo"


def read_mark(owner_url: str) -> Mark:
    """What is there."""
    with psycopg.connect(owner_url) as owner:
        found = owner.execute(
            "select action from audit_records where subject_kind = 'demo' order by id desc limit 1"
        ).fetchone()
        if found:
            return Mark(found[0].removeprefix("demo."))
        return Mark.FOREIGN if owner.execute("select 1 from partners limit 1").fetchone() else Mark.EMPTY


def begin(owner_url: str) -> bool:
    """Mark the beginning, on a database emptied of what was begun before; False where all is made."""
    mark = read_mark(owner_url)
    if mark is Mark.FOREIGN:
        raise NotADemo
    if mark is Mark.MADE:
        return False
    with psycopg.connect(owner_url) as owner:
        if mark is Mark.BEGUN:
            _empty(owner)
        set_mark(owner, Mark.BEGUN)
    return True


def set_mark(owner: psycopg.Connection, mark: Mark) -> None:
    """Record how far it has come."""
    owner.execute(
        "insert into audit_records (at, action, subject_kind, subject_id) values (%s, %s, 'demo', 'demo')",
        [real_now(), f"demo.{mark}"],
    )


def _empty(owner: psycopg.Connection) -> None:
    """Take everything out, immutable rows too, but the workers' own session."""
    found = owner.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " and relname <> all(%s)",
        [list(KEPT)],
    ).fetchall()
    tables = [sql.Identifier(name) for (name,) in found]
    kept = f"select {SESSION} from sessions {OF_THE_INSTANCE}"
    owner.execute(f"create temporary table kept on commit drop as {kept}")
    for table in tables:
        owner.execute(sql.SQL("alter table {} disable trigger user").format(table))
    owner.execute(sql.SQL("truncate {} restart identity").format(sql.SQL(",").join(tables)))
    for table in tables:
        owner.execute(sql.SQL("alter table {} enable trigger user").format(table))
    owner.execute(f"insert into sessions ({SESSION}) select * from kept")
