"""On 20 January 2027 the half-year is closed: computed, proposed by one, approved by another, stated to all."""

from datetime import date

import pytest

from portal.demo.programme import PERIOD_IDS
from tests.journeys.conftest import Town

PAGE = "/staff/closing/FY27-H1"
PERIOD = PERIOD_IDS["FY27-H1"]
STATED = f"select count(*) from statements where period_id = {PERIOD}"


def test_eight_hundred_partners_are_computed_approved_by_another_and_stated(town: Town) -> None:
    manager = town.visitor("programme_manager").open(PAGE)
    assert "/compute" not in manager.content.decode(), "the cut-off is still to come"

    town.move_to(date(2027, 1, 20))
    manager = town.visitor("programme_manager").open(PAGE)
    manager.send("/compute")
    assert town.work("margin.compute") == 8
    manager.open(PAGE).says("800").send("/propose")

    assert "/approve" not in manager.open(PAGE).content.decode()
    finance = town.visitor("finance").open(PAGE)
    finance.send("/approve")
    assert town.work("closing.issue") == 32
    assert town.count(STATED) == 800
    assert town.count(f"select count(*) from periods where id = {PERIOD} and state = 'closed'") == 1
    unbalanced = "select count(*) from (select from postings group by entry_id having sum(amount) <> 0) x"
    assert town.count(unbalanced) == 0
    assert town.count(f"{STATED} and payable = 0") > 0, "zero statements are issued too"

    assert town.work("statement.render", most=1, batch=f"render:{PERIOD}") == 1
    town.work("mail.send", batch=f"mail:{PERIOD}")
    assert len(town.mailbox.mails) >= 10
    finance.open(PAGE).says("10")


@pytest.mark.slow
def test_every_statement_is_printed_and_mailed_once(town: Town) -> None:
    town.work("mail.send")  # what left before, to the same people
    before = len(town.mailbox.mails)
    town.move_to(date(2027, 1, 20))
    town.visitor("programme_manager").open(PAGE).send("/compute")
    town.work("margin.compute")
    town.visitor("programme_manager").open(PAGE).send("/propose")
    town.visitor("finance").open(PAGE).send("/approve")
    town.work("closing.issue")
    town.work("statement.render", batch=f"render:{PERIOD}")
    town.work("mail.send", batch=f"mail:{PERIOD}")
    printed = "select count(*) from statement_files f join statements s on s.id = f.statement_id"
    assert town.count(f"{printed} where s.period_id = {PERIOD}") == 800
    ids = [mail["Message-ID"] for mail in town.mailbox.mails[before:]]
    assert len(ids) == len(set(ids)) == 801  # Arvélia has two contacts
