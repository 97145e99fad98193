"""The migrations go up, down and up again, and the models say what they made."""

import importlib
import pkgutil
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

import portal
from portal.db import Base, driver_url
from tests import databases


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    """A database that no migration has touched."""
    url = databases.create(server, empty=True)
    yield url
    databases.drop(server, url)


def _tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {
            name
            for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")
        }


class TestMigrations:
    def test_go_up_down_and_up_again(self, empty: str) -> None:
        databases.migrate(empty)
        first = _tables(empty)
        databases.migrate(empty, "base")
        assert _tables(empty) == {"alembic_version"}
        with psycopg.connect(empty) as connection:
            left = connection.execute(
                "select proname from pg_proc where pronamespace = 'public'::regnamespace"
            ).fetchall()
        assert left == []
        databases.migrate(empty)
        assert _tables(empty) == first


class TestModels:
    def test_agree_with_the_migrated_tables(self, database: str) -> None:
        for module in pkgutil.walk_packages(portal.__path__, "portal."):
            if module.name.endswith(".models"):
                importlib.import_module(module.name)
        engine = create_engine(driver_url(database), poolclass=NullPool)
        inspector = inspect(engine)
        modelled = {table.name: table for table in Base.metadata.tables.values()}
        assert set(modelled) <= set(inspector.get_table_names())
        for name, table in modelled.items():
            actual = {
                column["name"]: column for column in inspector.get_columns(name) if not column.get("computed")
            }
            assert set(actual) == {column.name for column in table.columns}, name
            for column in table.columns:
                assert actual[column.name]["nullable"] == column.nullable, f"{name}.{column.name} nullable"
                found, said = actual[column.name]["type"].python_type, column.type.python_type
                assert found is said or issubclass(said, found), f"{name}.{column.name}: {found} and {said}"
        engine.dispose()
