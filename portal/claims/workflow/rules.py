"""The programme's delays and limits, and the clocks that run on them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.calendar import add_working_days, working_days_between


@dataclass(frozen=True, slots=True)
class Rules:
    """The programme's delays and limits; these are the defaults of the demo programme."""

    decision_days: int = 10
    tele_decision_days: int = 15
    take_days: int = 2
    info_days: int = 15
    info_reminder_days: int = 5
    window_days: int = 90
    cure_days: int = 30
    appeal_days: int = 30
    appeal_levels: int = 2
    judgement_days: int = 15
    remind_at: tuple[int, ...] = (70, 100)
    escalate_at: int = 120
    bulk_limit: Decimal = Decimal("15000.00")
    second_approval_above: Decimal = Decimal("50000.00")
    duplicate_days: int = 180
    duplicate_tolerance: Decimal = Decimal("0.20")

    def decision_delay(self, *, tele: bool) -> int:
        """Working days in which a claim is decided."""
        return self.tele_decision_days if tele else self.decision_days

    def decide_by(self, submitted_on: date, *, tele: bool) -> date:
        """The last day to decide in time."""
        return add_working_days(submitted_on, self.decision_delay(tele=tele))

    def take_by(self, submitted_on: date) -> date:
        """The last day for the PAM to open the claim."""
        return add_working_days(submitted_on, self.take_days)

    def info_due_on(self, asked_on: date) -> date:
        """The last day for the partner to answer, counted in calendar days."""
        return asked_on + timedelta(days=self.info_days)

    def window_ends_on(self, ordered_on: date) -> date:
        """The last day to declare a project, that day included."""
        return ordered_on + timedelta(days=self.window_days)

    def cure_by(self, rejected_on: date) -> date:
        """The last day to declare again what was mended, or to appeal."""
        return rejected_on + timedelta(days=self.cure_days)

    def appeal_by(self, decided_on: date) -> date:
        """The last day to appeal."""
        return decided_on + timedelta(days=self.appeal_days)

    def judge_by(self, appealed_on: date) -> date:
        """The last day to judge an appeal in time."""
        return add_working_days(appealed_on, self.judgement_days)

    def appeal_level(self, *, judged: int, decided_on: date, on: date) -> int | None:
        """The level of an appeal made on this day, None when it comes too late or too often."""
        return judged + 1 if judged < self.appeal_levels and on <= self.appeal_by(decided_on) else None

    def alarm(self, used: int) -> int | None:
        """The last threshold that this percent of a delay has passed."""
        passed = [mark for mark in (*self.remind_at, self.escalate_at) if used >= mark]
        return passed[-1] if passed else None

    def alarm_by(self, on: date) -> date:
        """Deadlines up to this day may have passed a first threshold."""
        longest = max(self.decision_days, self.tele_decision_days, self.judgement_days)
        return add_working_days(on, longest - longest * self.remind_at[0] // 100)


RULES = Rules()


def pause(decide_by: date, on: date) -> int:
    """Working days that are left when the ball goes to the other side; negative when late."""
    return working_days_between(on, decide_by)


def resume(clock_left: int, on: date) -> date:
    """The new last day to decide, once the ball is back."""
    return add_working_days(on, clock_left)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a delay stands: working days left and the percent of it that is used; paused with the partner."""

    left: int
    used: int
    paused: bool = False

    @property
    def late(self) -> bool:
        """Whether the last day has passed."""
        return self.left < 0 and not self.paused


def clock(*, decide_by: date | None, clock_left: int | None, on: date, delay: int) -> Clock | None:
    """The clock of a claim on this day; None when it does not run."""
    if decide_by is None and clock_left is None:
        return None
    left = clock_left if decide_by is None else working_days_between(on, decide_by)
    assert left is not None
    return Clock(left=left, used=max(0, 100 * (delay - left) // delay), paused=decide_by is None)
