"""How a claim ends, and the steps that lead there at an ordinary pace."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from portal.calendar import add_working_days, paris_date
from portal.claims.workflow import RULES, Action
from portal.demo.calendar import OPEN, instant, working
from portal.demo.story import Step, Story
from portal.money import round_cents

OUTCOMES = {
    "approved": 57, "approved_in_part": 18, "rejected": 8.5, "withdrawn": 5, "expired": 4, "never_sent": 1.5,
    "appeal_lost": 1.2, "appeal_won": 0.9, "appealed": 0.9,
}  # fmt: skip
REFUSALS = {
    "NO_PRIMARY_EVIDENCE": 20, "EVIDENCE_AFTER_ORDER": 16, "CUSTOMER_SIGNATURE_MISSING": 15, "UNDATED": 12,
    "ROLE_NOT_DESCRIBED": 11, "PRODUCT_NOT_NAMED": 9, "OTHER_CUSTOMER": 5, "OUT_OF_PROGRAMME": 5,
    "BELOW_MINIMUM": 4,
    "OWN_DUPLICATE": 3,
}  # fmt: skip
CUTS = ("PRODUCT_NOT_NAMED", "ROLE_NOT_DESCRIBED", "OUT_OF_PROGRAMME", "OTHER_REFUSAL")
QUESTIONS = ("EVIDENCE_UNDATED", "SIGNATURE_ASKED", "ROLE_ASKED", "PRODUCT_ASKED", "AMOUNT_ASKED")
NOTES = {
    "EVIDENCE_UNDATED": "Le dossier joint ne porte pas de date ; pouvez-vous en envoyer une version datée ?",
    "SIGNATURE_ASKED": "La dernière page n'est pas signée par le client.",
    "ROLE_ASKED": "À quelle page votre recommandation est-elle décrite ?",
    "PRODUCT_ASKED": "Je ne trouve pas la famille de produits dans le document.",
    "AMOUNT_ASKED": "Le montant déclaré dépasse celui du devis joint.",
}
JUDGED = ("La nouvelle pièce est probante.", "La pièce reste postérieure à la commande.")
JUDGED_OTHERWISE = ("L'attestation du client établit le rôle.", "Rien de nouveau n'a été produit.")
ANSWER = "Voici la pièce complétée."
LAST_DAYS = timedelta(days=9)  # before a cut-off everybody hurries


def choose_outcome(rng: Random, story: Story) -> str:
    """Drawn by weight; what is cut is decided at once. Appeals run only while there is time to judge them."""
    outcome = rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
    if outcome.startswith("appeal") and story.period != OPEN:
        early = story.ordered_on < story.period.starts_on + timedelta(days=70)
        outcome = outcome if early and outcome != "appealed" else "rejected"
    if outcome in ("approved", "approved_in_part", "appeal_won"):
        _grant(rng, story, in_part=outcome == "approved_in_part")
    return outcome


def _grant(rng: Random, story: Story, *, in_part: bool) -> None:
    for place, line in enumerate(story.lines):
        line.approved = line.declared
        if in_part and place == 0:
            line.approved = round_cents(line.declared * Decimal(rng.randint(45, 90)) / 100)
            line.cut = rng.choice(CUTS)


def steps_to(rng: Random, story: Story, outcome: str, *, deadline: date | None) -> Iterator[Step]:
    """Each step of the claim with its instant and its actor, up to this outcome."""
    clock = _Pace(rng, story, deadline)
    if outcome == "never_sent":
        yield Step(
            Action.EXPIRE, instant(RULES.window_ends_on(story.ordered_on) + timedelta(days=1), 6), None
        )
        return
    yield Step(Action.SUBMIT, clock.at, story.author_id)
    if outcome == "withdrawn":
        yield Step(Action.WITHDRAW, clock.later(0, 4), story.author_id)
        return
    yield Step(Action.TAKE, clock.later(0, 2), clock.pam)
    if outcome == "expired" or (not clock.hurried and rng.random() < 0.16):
        reason = rng.choice(QUESTIONS)
        yield Step(Action.ASK, clock.later(0, 3), clock.pam, reason, NOTES[reason])
        if outcome == "expired":
            yield Step(
                Action.EXPIRE, instant(RULES.info_due_on(paris_date(clock.at)) + timedelta(days=1), 6), None
            )
            return
        yield Step(Action.ANSWER, clock.later(1, 8), story.author_id, note=ANSWER)
    yield from _decision(rng, story, outcome, clock)


def _decision(rng: Random, story: Story, outcome: str, clock: "_Pace") -> Iterator[Step]:
    if outcome in ("approved", "approved_in_part"):
        if not story.second_needed:
            yield Step(Action.APPROVE, clock.later(0, 7), clock.pam)
            return
        yield Step(Action.PASS_ON, clock.later(0, 6), clock.pam)
        yield Step(Action.APPROVE_SECOND, clock.later(0, 3), story.lead_id)
        return
    reason = rng.choices(list(REFUSALS), list(REFUSALS.values()))[0]
    yield Step(Action.REJECT, clock.later(1, 8), clock.pam, reason)
    if outcome.startswith("appeal"):
        yield Step(
            Action.APPEAL, clock.later(3, 14), story.author_id, note="La pièce jointe établit notre rôle."
        )
        won, lost = JUDGED if rng.random() < 0.8 else JUDGED_OTHERWISE
        if outcome == "appeal_won":
            yield Step(Action.OVERTURN, clock.later(4, 12), story.lead_id, note=won)
        if outcome == "appeal_lost":
            yield Step(
                Action.UPHOLD,
                clock.later(4, 12),
                story.lead_id,
                reason,
                lost,
            )


class _Pace:
    """Where a claim's time stands; before a cut-off it hurries so that the decision still counts."""

    def __init__(self, rng: Random, story: Story, deadline: date | None) -> None:
        self.rng, self.story = rng, story
        submitted_on = working(story.ordered_on + timedelta(days=int(34 * rng.random() ** 1.6) + 1))
        latest = deadline - LAST_DAYS if deadline else submitted_on
        self.hurried = bool(deadline) and submitted_on > latest - timedelta(days=25)
        first = max(min(submitted_on, latest), paris_date(story.created_at))
        self.at = max(
            instant(first, rng.randint(9, 17), rng.randrange(60)), story.created_at + timedelta(minutes=40)
        )

    def later(self, least: int, most: int) -> datetime:
        """Some working days later, within a day when everybody hurries."""
        days = self.rng.randint(0, 1) if self.hurried else self.rng.randint(least, most)
        on = paris_date(self.at)
        self.at = max(
            instant(
                add_working_days(on, days) if days else on, self.rng.randint(9, 18), self.rng.randrange(60)
            ),
            self.at + timedelta(minutes=self.rng.randint(4, 50)),
        )
        return self.at

    @property
    def pam(self) -> int:
        """Who follows the firm at that time."""
        return self.story.firm.pam_on(paris_date(self.at))
