"""Making the demo, from an empty migrated database to its first day."""

from collections.abc import Callable
from datetime import date

from config import Settings
from portal import catalogue
from portal.calendar import PeriodCode
from portal.clock import real_now
from portal.db import transaction
from portal.demo import evidence, founding, staff, telling
from portal.demo.calendar import CLOSED, OPEN, TODAY, cut_off_on
from portal.demo.closes import close
from portal.demo.deliveries import Deliveries
from portal.demo.loading import as_owner
from portal.demo.stage import WORKERS, Stage
from portal.demo.staff import HIRED_AT
from portal.demo.world import World, build_world
from portal.margin.crediting import match_and_credit
from portal.users.models import Role

Progress = Callable[[float, str], None]

PLAYERS = {WORKERS: None, staff.PROGRAMME: Role.PROGRAMME_MANAGER, staff.FINANCE: Role.FINANCE}


def seed(progress: Progress) -> None:
    """Fill an empty database with the demo; does nothing where it is already there."""
    settings = Settings.from_env()
    progress(0.0, "Imagining the firms and their projects")
    Making(settings, build_world(), progress).make()


class Making:
    """One making of the demo."""

    def __init__(self, settings: Settings, world: World, progress: Progress) -> None:
        self.settings, self.world, self.progress = settings, world, progress
        self.stage = Stage(settings)
        self.deliveries = Deliveries(world.firms)
        self.taken = date.min

    def make(self) -> None:
        """People and programme, then period after period."""
        self.progress(0.03, "People and partners")
        with as_owner(self.settings.database_url) as owner:
            founding.write_people(owner, self.world)
        self.stage.engage(PLAYERS)
        try:
            desk = self.open_desk()
            for period in CLOSED:
                self.live_through(period, desk, until=cut_off_on(period))
                close(self.stage, period, self.progress)
            self.live_through(OPEN, desk, until=TODAY)
        finally:
            self.stage.dismiss()

    def open_desk(self) -> telling.Desk:
        """Catalogue, plans, objectives, and the papers."""
        self.progress(0.06, "Programme and objectives")
        with self.stage.acting(staff.PROGRAMME), transaction():
            catalogue.load_programme(at=HIRED_AT, actor_id=staff.PROGRAMME)
            grid_id = catalogue.grid_in_force(TODAY)
            assert grid_id is not None
            checks = [check.code for check in catalogue.list_checks(grid_id)]
        with as_owner(self.settings.database_url) as owner:
            founding.write_programme(owner, self.world)
            telling.write_counters(owner, self.world.stories)
        return telling.Desk(evidence.store_papers(), grid_id, checks)

    def live_through(self, period: PeriodCode, desk: telling.Desk, *, until: date) -> None:
        """The period's claims, and the order files that came by then."""
        self.progress(0.1, f"{period}: claims")
        with as_owner(self.settings.database_url) as owner:
            telling.write_claims(owner, self.world.stories_of(period), desk)
        for on, orders in self.world.files.items():
            if self.taken < on <= until:
                self.progress(0.2, f"{period}: orders of {on}")
                with as_owner(self.settings.database_url) as owner:
                    import_id = self.deliveries.take_in(owner, on, orders)
                with self.stage.acting(WORKERS), transaction():
                    match_and_credit(at=real_now(), import_id=import_id)
        self.taken = until
