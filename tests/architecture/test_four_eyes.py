"""Never the same person: PostgreSQL holds every second signature apart from the first, whichever door is used."""

import psycopg
import pytest

SECOND = ("approved", "published", "released", "confirmed", "decided", "judged")
ALONE = {
    (
        "claim_matches",
        "confirmed_by_id",
    ): "a person confirms what the matching proposed: nobody signed before",
    ("conflicts", "decided_by_id"): "what is settled is what two firms declared; a lead opens and settles",
}
APART = """
select exists (
  select from pg_constraint where conrelid = %(table)s::regclass and contype = 'c'
    and pg_get_constraintdef(oid) ~ ('_by_id <> ' || %(column)s || '|' || %(column)s || ' <> [a-z_]+_by_id'))
or exists (select from pg_trigger where tgrelid = %(table)s::regclass and tgname = %(table)s || '_judge')
"""
OWN_HAND = "select exists (select from pg_trigger where tgrelid = %s::regclass and tgname ~ '_signature$')"


@pytest.fixture
def seconds(database: str) -> list[tuple[str, str]]:
    """The columns that keep who approved, published, released, confirmed, decided or judged."""
    names = [f"{word}_by_id" for word in SECOND]
    with psycopg.connect(database) as connection:
        return connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and column_name = any (%s) order by 1, 2",
            [names],
        ).fetchall()


class TestEverySecondSignature:
    def test_is_held_apart_from_the_first(self, database: str, seconds: list[tuple[str, str]]) -> None:
        with psycopg.connect(database) as connection:
            together = [
                (table, column)
                for table, column in seconds
                if not connection.execute(APART, {"table": table, "column": column}).fetchall()[0][0]
            ]
        assert len(seconds) >= 11
        assert set(together) == ALONE.keys()

    def test_is_written_by_the_hand_it_names(self, database: str, seconds: list[tuple[str, str]]) -> None:
        with psycopg.connect(database) as connection:
            forged = [
                table
                for table, _column in seconds
                if not connection.execute(OWN_HAND, [table]).fetchall()[0][0]
            ]
        assert forged == []
