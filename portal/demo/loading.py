"""Writing many rows at once, as the database's owner."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

Row = dict[str, Any]


@contextmanager
def as_owner(url: str) -> Iterator[psycopg.Connection]:
    """One transaction of the database's owner."""
    with psycopg.connect(url, application_name="palier-demo") as connection:
        yield connection


def copy(owner: psycopg.Connection, table: str, rows: Iterable[Row]) -> None:
    """All rows of a table, which have the same columns, in one statement; ids that they bring are taken up.

    They come by way of a temporary table, since PostgreSQL copies into no table that is under row security.
    """
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return
    names = list(first)
    parts = {"table": sql.Identifier(table), "columns": sql.SQL(",").join(map(sql.Identifier, names))}
    owner.execute(
        sql.SQL("create temporary table arriving as select {columns} from {table} limit 0").format(**parts)
    )
    with owner.cursor().copy(sql.SQL("copy arriving ({columns}) from stdin").format(**parts)) as stream:
        for row in (first, *iterator):
            stream.write_row([Jsonb(value) if isinstance(value, dict) else value for value in row.values()])
    owner.execute(sql.SQL("insert into {table} ({columns}) select {columns} from arriving").format(**parts))
    owner.execute("drop table arriving")
    if isinstance(first.get("id"), int):
        owner.execute(
            sql.SQL("select setval(pg_get_serial_sequence({}, 'id'), (select max(id) from {}))").format(
                sql.Literal(table), sql.Identifier(table)
            )
        )
