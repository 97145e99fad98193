"""Every table is isolated, or says in writing why it need not be."""

import psycopg

EXEMPT = {"alembic_version": "the revision of the schema; nobody but the owner is granted anything on it"}


class TestEveryTable:
    def test_forces_row_security_and_has_a_policy_for_each_role_it_is_granted_to(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            rows = connection.execute("""
select c.relname, c.relrowsecurity and c.relforcerowsecurity,
  array(select distinct grantee::regrole::text from aclexplode(c.relacl) a where a.grantee <> c.relowner),
  array(select distinct r::regrole::text from pg_policy p, unnest(p.polroles) r where p.polrelid = c.oid)
from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace""").fetchall()
        assert rows
        for table, forced, granted, covered in rows:
            if table in EXEMPT:
                assert not granted, table
                continue
            assert forced, f"{table} does not force row security"
            assert set(granted) <= set(covered), (
                f"{table}: granted without a policy: {set(granted) - set(covered)}"
            )

    def test_is_unreadable_for_the_login_that_plays_no_role(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            granted = connection.execute(
                "select table_name from information_schema.role_table_grants where grantee in ('portal_app', 'PUBLIC')"
                " and table_schema = 'public'"
            ).fetchall()
        assert granted == []
