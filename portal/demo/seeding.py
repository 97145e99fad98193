"""Making the demo, from an empty migrated database to its first day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from config import Settings
from portal import catalogue, margin
from portal.calendar import PeriodCode
from portal.db import transaction
from portal.demo import aftermath, closes, conflicts, deliveries, evidence, founding, marks, staff, telling
from portal.demo.calendar import CLOSED, OPEN, PERIODS, TODAY, cut_off_on, instant
from portal.demo.firms import ARVELIA
from portal.demo.loading import as_owner
from portal.demo.programme import PERIOD_IDS, publish_plans
from portal.demo.staff import HIRED_AT
from portal.demo.stage import WORKERS, Stage
from portal.demo.story import Story
from portal.demo.world import World, build_world
from portal.users.models import Role

Progress = Callable[[float, str], None]

PLAYERS = {
    WORKERS: None,
    staff.PROGRAMME: Role.PROGRAMME_MANAGER,
    staff.PROGRAMME_TOO: Role.PROGRAMME_MANAGER,
    staff.FINANCE: Role.FINANCE,
    staff.FINANCE_TOO: Role.FINANCE,
    staff.LEADS["SSII"]: Role.SEGMENT_LEAD,
}


def seed(progress: Progress) -> None:
    """Fill an empty database with the demo; does nothing where it is already there."""
    settings = Settings.from_env()
    if not marks.begin(settings.database_url):
        return
    progress(0.0, "Imagining the firms and their projects")
    Making(settings, build_world(), progress).make()


class Making:
    """One making of the demo."""

    def __init__(self, settings: Settings, world: World, progress: Progress) -> None:
        self.settings, self.world, self.progress = settings, world, progress
        self.stage = Stage(settings)
        self.taken = date.min

    def make(self) -> None:
        """People and programme, then period after period."""
        self.progress(0.02, "People and partners")
        with as_owner(self.settings.database_url) as owner:
            founding.write_people(owner, self.world)
        self.stage.engage(PLAYERS)
        try:
            desk = self.open_desk()
            for place, period in enumerate(CLOSED):
                self.live_through(period, desk, until=cut_off_on(period), part=Part(self.progress, place))
                self.close(period, Part(self.progress, place))
            self.live_through(OPEN, desk, until=TODAY, part=Part(self.progress, len(CLOSED)))
            self.progress(0.99, "The next order file")
            deliveries.leave_next_file(self.settings.home / "demo", self.world.files)
        finally:
            self.stage.dismiss()
        with as_owner(self.settings.database_url) as owner:
            owner.execute("analyze")
            marks.set_mark(owner, marks.Mark.MADE)
        self.progress(1.0, "Done")

    def open_desk(self) -> telling.Desk:
        """Catalogue, plans, objectives, and the papers."""
        self.progress(0.04, "Programme and objectives")
        with as_owner(self.settings.database_url) as owner:
            founding.write_programme(owner, self.world)
            telling.write_counters(owner, self.world.stories)
        with self.stage.acting(staff.PROGRAMME), transaction():
            catalogue.load_programme(at=HIRED_AT, actor_id=staff.PROGRAMME)
            grid_id = catalogue.grid_in_force(TODAY)
            assert grid_id is not None
            checks = [check.code for check in catalogue.list_checks(grid_id)]
        publish_plans(self.stage)
        return telling.Desk(evidence.store_papers(), grid_id, checks)

    def live_through(self, period: PeriodCode, desk: telling.Desk, *, until: date, part: "Part") -> None:
        """The period's claims, and the order files that came by then."""
        part.tell(0.0, f"{period}: claims")
        stories = self.world.stories_of(period)
        with as_owner(self.settings.database_url) as owner:
            telling.write_claims(owner, stories, desk)
            conflicts.write_conflicts(owner)
        self.match(stories)
        files = [(on, orders) for on, orders in self.world.files.items() if self.taken < on <= until]
        for place, (on, orders) in enumerate(files):
            part.tell(0.1 + 0.3 * place / len(files), f"{period}: orders of {on.isoformat()}")
            deliveries.take_in(self.stage, on, orders)
        self.taken = until
        self.match(stories)
        if period != OPEN:
            deliveries.confirm_matches(self.stage, period)

    def match(self, stories: list[Story]) -> None:
        """Look for the orders of these claims among those that came, as each submission and decision does."""
        with as_owner(self.settings.database_url) as owner:
            owner.execute("analyze claims, claim_lines, claim_matches, order_lines")
        at = instant(self.taken if self.taken > date.min else stories[0].ordered_on, 7, 30)
        with self.stage.acting(WORKERS), transaction():
            margin.match_and_credit(at=at, claim_ids=[story.id for story in stories])

    def close(self, period: PeriodCode, part: "Part") -> None:
        """What earlier periods lost is booked first; what is stated is paid in its time."""
        if period != CLOSED[0]:
            aftermath.correct(self.stage, period.previous)
        closes.close_period(
            self.stage, period, told=lambda share: part.tell(0.4 + 0.5 * share, f"{period}: close")
        )
        part.tell(0.9, f"{period}: payments")
        aftermath.pay(self.stage, period)
        if period == CLOSED[-1]:
            closes.print_first(self.stage, partner_id=ARVELIA, period_id=PERIOD_IDS[str(period)])
        else:
            with as_owner(self.settings.database_url) as owner:
                aftermath.remember_mails(owner, period)


@dataclass(frozen=True)
class Part:
    """One period's part of the progress."""

    progress: Progress
    place: int

    def tell(self, share: float, words: str) -> None:
        """How far it has come."""
        self.progress(0.05 + 0.95 * (self.place + share) / len(PERIODS), words)
