"""Projects that two firms claim, told to neither of them of the other."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import psycopg

from portal.calendar import add_working_days, paris_date
from portal.claims.workflow import Action
from portal.demo.calendar import NOW, OPEN, instant, working
from portal.demo.customers import TITLES, Customer, type_of
from portal.demo.firms import Firm
from portal.demo.history import draw_amount
from portal.demo.story import Line, Proof, Step, Story

# Family, day of the order, first and second firm.
DISPUTED = (
    ("AZURE_INFRA", date(2026, 9, 9), 12, 71),
    ("SECURITY", date(2026, 9, 30), 34, 193),
    ("SQL", date(2026, 10, 13), 88, 107),
    ("M365", date(2026, 10, 27), 5, 140),
)


def build_conflicts(firms: list[Firm], customers: list[Customer]) -> Iterator[Story]:
    """Both claims of each disputed order, waiting for the lead."""
    rng = Random("palier:conflicts")
    for number, (family, on, *claimants) in enumerate(DISPUTED):
        customer, amount = customers[number * 17 + 3], draw_amount(rng, family)
        for place, firm in enumerate(firms[claimant - 1] for claimant in claimants):
            story = Story(
                firm=firm,
                period=OPEN,
                customer=customer,
                title=TITLES[family][0],
                project_type=type_of(family),
                roles=("PRESCRIBE", "DESIGN"),
                lines=[Line(family, amount)],
                signed_on=on - timedelta(days=9 + place),
                ordered_on=on,
                ordered_at=instant(on, 10, 40),
                created_at=instant(working(on + timedelta(days=1 + place)), 11),
                author_id=firm.admin_id,
                order_no=f"V{on:%y%m%d}C{number}",
                proofs=[Proof("ARCHITECTURE_FILE", on - timedelta(days=6 + place), place)],
                order="SHARED" if place else "EXACT",
            )
            yield story.tell(_steps(story, on, place), until=NOW)


def _steps(story: Story, on: date, place: int) -> Iterator[Step]:
    taken_on = working(on + timedelta(days=7 + place))
    yield Step(Action.SUBMIT, instant(working(on + timedelta(days=4 + place)), 15), story.author_id)
    yield Step(Action.TAKE, instant(taken_on, 9, 30), story.firm.pam_on(taken_on))
    yield Step(Action.FIND_CONFLICT, instant(working(on + timedelta(days=12)), 10), story.lead_id)


_PAIRS = """
select c.order_no, array_agg(c.id order by c.id), array_agg(c.partner_id order by c.id), max(e.at),
  (select array_agg(distinct l.family) from claim_lines l where l.claim_id = any(array_agg(c.id)))
from claims c join claim_events e on e.claim_id = c.id and e.kind = 'conflict_found'
where c.state = 'in_conflict' and not exists (select from conflict_parties p where p.claim_id = c.id)
group by c.order_no having count(distinct c.partner_id) > 1 order by c.order_no"""


def write_conflicts(owner: psycopg.Connection) -> None:
    """The conflict that each disputed order is, told to both firms on the day it was found."""
    for _order, claim_ids, partner_ids, at, families in owner.execute(_PAIRS).fetchall():
        conflict = owner.execute(
            "insert into conflicts (state, cause, families, found_at, opened_at)"
            " values ('open', 'order', %s, %s, %s) returning id", [families, at, at],
        ).fetchone()  # fmt: skip
        assert conflict is not None
        due_on = add_working_days(paris_date(at), 10)
        for claim_id, partner_id in zip(claim_ids, partner_ids, strict=True):
            owner.execute(
                "insert into conflict_parties (conflict_id, partner_id, claim_id, found_in, told_at, due_on)"
                " values (%s, %s, %s, 'in_review', %s, %s)", [conflict[0], partner_id, claim_id, at, due_on],
            )  # fmt: skip
