"""The firms of the demo: 800 partners of the team and ten alliances."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from portal.demo import names
from portal.demo.calendar import PERIODS, REORGANISED_ON, instant
from portal.demo.staff import DEDICATED_PAMS, LEADS, TELE_PAMS
from portal.partners import search_key

Row = dict[str, Any]

ARVELIA = 42
SHARES_WITH_ARVELIA = 311
WITHOUT_CLAIM = 99
OVERDRAWN = 64
HANDED_OVER_NEXT = 77
HANDOVER_ON = date(2027, 1, 1)
SEGMENTS = (("SSII", 100), ("ISV", 50), ("LAR", 15), ("SMB_D", 20), ("VAR", 615), ("ALLIANCE", 10))
DEDICATED = 200
CALLED = {
    ARVELIA: "Arvélia Conseil",
    17: "Société coopérative d’ingénierie des réseaux & systèmes du Haut-Orvanais fédérés",
    23: "L’Atelier d’Ébrise",
    58: "Quélisse, Orvane & Associés",
    131: "O’Dalvane Software",
    311: "Brisquel & Fils",
    404: "Façonnerie Éole",
}


@dataclass(frozen=True)
class Firm:
    """A partner firm, who follows it and who works there."""

    id: int
    code: str
    siren: str
    name: str
    segment: str
    dedicated: bool
    domain: str
    locale: str
    place: dict[str, str]
    starts_on: date
    pam_id: int | None
    former_pam_id: int | None
    members: int

    @property
    def admin_id(self) -> int:
        """Its administrator's id."""
        return 1000 + self.id * 10

    @property
    def people(self) -> list[int]:
        """Ids of those who work there, the administrator first."""
        return [self.admin_id + place for place in range(self.members + 1)]

    def pam_on(self, on: date) -> int:
        """Who followed it on that day."""
        pam = self.former_pam_id if self.former_pam_id and on < REORGANISED_ON else self.pam_id
        assert pam is not None
        return pam


def build_firms() -> list[Firm]:
    """All firms, in the order of their codes."""
    rng = Random("palier:firms")
    regrouped = {*rng.sample(sorted(set(range(1, DEDICATED + 1)) - {ARVELIA}), 69), ARVELIA}
    segments = [segment for segment, count in SEGMENTS for _ in range(count)]
    invented = names.words(rng, len(segments), taken=set())
    return [
        _firm(rng, number, segment, one, regrouped=number in regrouped)
        for number, (segment, one) in enumerate(zip(segments, invented, strict=True), 1)
    ]


def _firm(rng: Random, number: int, segment: str, invented: str, *, regrouped: bool) -> Firm:
    name = CALLED.get(number) or f"{invented} {rng.choice(names.TRADES[segment])}"
    dedicated = number <= DEDICATED
    pam, former = _pams(number, segment, regrouped=regrouped)
    place = names.address(rng)
    if number == ARVELIA:
        place = {"address": "12 quai du Levant", "postcode": "33000", "city": "Bordeaux"}
    return Firm(
        id=number,
        code=f"P-{number:05d}",
        siren=names.siren(number),
        name=name,
        segment=segment,
        dedicated=dedicated or segment == "ALLIANCE",
        domain=f"{'arvelia' if number == ARVELIA else names.slug(invented) + str(number)}.example",
        locale="en" if number != ARVELIA and rng.random() < 0.06 else "fr",
        place=place,
        starts_on=date(2016, 1, 1) + timedelta(days=rng.randrange(3000)),
        pam_id=pam,
        former_pam_id=former,
        members=rng.randint(1, 3) if dedicated else 0,
    )


def _pams(number: int, segment: str, *, regrouped: bool) -> tuple[int | None, int | None]:
    """Spread evenly, eight firms to each dedicated PAM, Arvélia's being the first."""
    if segment == "ALLIANCE":
        return None, None
    if number > DEDICATED:
        return TELE_PAMS[number % len(TELE_PAMS)], None
    place = (number - ARVELIA) * 7 % len(DEDICATED_PAMS)
    before = 1 if number == ARVELIA else (place + 3) % len(DEDICATED_PAMS)
    return DEDICATED_PAMS[place], DEDICATED_PAMS[before] if regrouped else None


def partner_rows(firms: list[Firm]) -> Iterator[Row]:
    """The firms as rows."""
    for firm in firms:
        yield {
            "id": firm.id, "code": firm.code, "siren": firm.siren, "legal_name": firm.name,
            "search_name": search_key(firm.name),
            "segment": firm.segment,
            "coverage": "DEDICATED" if firm.dedicated else "TELE",
            "unit": "EPG" if firm.segment == "ALLIANCE" else "PST", **firm.place, "locale": firm.locale,
            "starts_on": firm.starts_on, "ends_before": None,
        }  # fmt: skip


def assignment_rows(firms: list[Firm]) -> Iterator[Row]:
    """Exactly one PAM on every day: seventy firms changed on the day of the reorganisation."""
    for firm in firms:
        turns = [(firm.starts_on, firm.pam_id, "")]
        if firm.former_pam_id:
            turns = [
                (firm.starts_on, firm.former_pam_id, ""),
                (REORGANISED_ON, firm.pam_id, "Réorganisation"),
            ]
        if firm.id == HANDED_OVER_NEXT:
            turns.append((HANDOVER_ON, DEDICATED_PAMS[4], "Départ en mobilité"))
        ends = [start for start, *_ in turns[1:]] + [None]
        for (starts_on, pam_id, reason), ends_before in zip(turns, ends, strict=True):
            if pam_id:
                at = instant(max(starts_on - timedelta(days=21), firm.starts_on))
                yield {
                    "partner_id": firm.id, "pam_id": pam_id, "starts_on": starts_on,
                    "ends_before": ends_before,
                    "reason": reason, "assigned_by_id": LEADS.get(firm.segment), "assigned_at": at,
                }  # fmt: skip


def competency_rows(firms: list[Firm]) -> Iterator[Row]:
    """What each firm is certified in; a few certificates have lapsed."""
    rng = Random("palier:competencies")
    for firm in firms:
        for code, chance in (
            ("INFRA", 0.88 if firm.segment == "SSII" else 0.3),
            ("CLOUD", 0.6),
            ("SECURITY", 0.3),
        ):
            held = rng.random() < chance
            lapsed = rng.random() < 0.04
            if firm.id == ARVELIA:
                held, lapsed = code == "INFRA", False
            if held:
                yield {
                    "partner_id": firm.id, "code": code, "starts_on": date(2024, 5, 1),
                    "ends_before": date(2026, 4, 1) if lapsed else None,
                }  # fmt: skip


def satisfaction_rows(firms: list[Firm], period_ids: dict[str, int]) -> Iterator[Row]:
    """Customers' scores of the closed periods and of the open one, as far as they were asked."""
    rng = Random("palier:satisfaction")
    for firm in firms:
        for period in PERIODS:
            asked = rng.random() < (0.95 if firm.dedicated else 0.3)
            score = f"{min(9.8, max(5.2, rng.gauss(8.1, 0.7))):.1f}"
            if firm.id == ARVELIA:
                asked, score = True, "8.1" if str(period) == "FY26-H2" else "8.3"
            if asked and firm.segment != "ALLIANCE":
                yield {"partner_id": firm.id, "period_id": period_ids[str(period)], "score": score}
