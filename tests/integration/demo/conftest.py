"""One copy of the demo for all tests that only look at it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from tests import databases
from tests.demo_copies import DemoCopy, copy_demo


@pytest.fixture(scope="session")
def demo(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCopy]:
    """The demo on its first day."""
    copied = copy_demo(server, Path(tmp_path_factory.mktemp("demo")))
    yield copied
    databases.drop(server, copied.url)


@pytest.fixture
def rows(demo: DemoCopy) -> Iterator[psycopg.Cursor[DictRow]]:
    """A cursor of the database's owner; what it writes is taken back."""
    with psycopg.connect(demo.url, row_factory=dict_row) as connection:
        yield connection.cursor()
        connection.rollback()
