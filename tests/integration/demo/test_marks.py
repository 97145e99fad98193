"""The database tells whether the demo is there; what was cut short is begun anew."""

import psycopg
import pytest
from sqlalchemy.orm import Session

from portal import demo
from portal.demo import marks
from portal.demo.marks import Mark
from tests import factories


class TestMarks:
    def test_ask_for_the_demo_on_an_empty_database(self, database: str) -> None:
        assert demo.unfinished(database)
        assert marks.begin(database)

    def test_begin_anew_where_it_was_cut_short(self, database: str, owner: Session) -> None:
        marks.begin(database)
        factories.make_partner(owner)
        factories.make_session(owner, None)
        assert demo.unfinished(database)
        assert marks.begin(database)
        with psycopg.connect(database) as connection:
            assert connection.execute("select 1 from partners").fetchone() is None

    def test_leave_a_made_demo_alone(self, database: str) -> None:
        marks.begin(database)
        with psycopg.connect(database) as connection:
            marks.set_mark(connection, Mark.MADE)
        assert not demo.unfinished(database)
        assert not marks.begin(database)

    def test_refuse_a_database_that_holds_something_else(self, database: str, owner: Session) -> None:
        factories.make_partner(owner)
        assert not demo.unfinished(database)
        with pytest.raises(marks.NotADemo):
            marks.begin(database)
