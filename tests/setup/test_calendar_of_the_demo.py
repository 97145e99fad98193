from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.cli.failures import Failure
from portal.cli.supervisor.home import DEMO_STARTS, Home


def real_day() -> date:
    return datetime.now(ZoneInfo("Europe/Paris")).date()


class TestRemember:
    def test_begins_as_a_demo_on_its_first_day(self, tmp_path: Path) -> None:
        demo, offset = Home(tmp_path).remember(demo=None, today=None)
        assert demo
        assert real_day() + timedelta(offset) == DEMO_STARTS

    def test_keeps_the_day_asked_for_on_later_starts(self, tmp_path: Path) -> None:
        Home(tmp_path).remember(demo=None, today=date(2027, 1, 20))
        _, offset = Home(tmp_path).remember(demo=None, today=None)
        assert real_day() + timedelta(offset) == date(2027, 1, 20)

    def test_keeps_a_real_instance_real(self, tmp_path: Path) -> None:
        assert Home(tmp_path).remember(demo=False, today=None) == (False, 0)
        assert Home(tmp_path).remember(demo=None, today=None) == (False, 0)

    def test_moves_no_real_calendar(self, tmp_path: Path) -> None:
        with pytest.raises(Failure, match="Only a demo"):
            Home(tmp_path).remember(demo=False, today=date(2027, 1, 20))
