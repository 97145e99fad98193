"""The vendor's people: account managers, leads, programme, finance, administration, audit."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from portal.demo import names
from portal.demo.calendar import instant

Row = dict[str, Any]

LEADS = {"SSII": 1, "ISV": 2, "LAR": 3, "SMB_D": 4, "VAR": 5}
PROGRAMME, PROGRAMME_TOO, FINANCE, FINANCE_TOO, ADMIN, AUDITOR = 6, 7, 8, 9, 10, 11
DEDICATED_PAMS = tuple(range(21, 46))
TELE_PAMS = tuple(range(51, 57))
CLAIRE, MARC = DEDICATED_PAMS[:2]
HIRED_AT = instant(date(2016, 1, 4))

NAMED = {
    1: ("segment_lead", "Étienne Roquevaire"),
    2: ("segment_lead", "Odile Ferrane"),
    3: ("segment_lead", "Joël Mirabane"),
    4: ("segment_lead", "Sabine Corvel"),
    5: ("segment_lead", "Rémi Talverne"),
    PROGRAMME: ("programme_manager", "Solène Darquier-Vane"),
    PROGRAMME_TOO: ("programme_manager", "Gaspard Thorelle"),
    FINANCE: ("finance", "Pauline Ostrevane"),
    FINANCE_TOO: ("finance", "Blaise Lormier"),
    ADMIN: ("admin", "Bastien Quémeneur"),
    AUDITOR: ("auditor", "Irène Falcozy"),
    CLAIRE: ("pam", "Claire Vauquelin"),
    MARC: ("pam", "Marc Delorme"),
}
# Who is away, who stands in, from when until when.
ABSENCES = (
    (DEDICATED_PAMS[5], DEDICATED_PAMS[6], date(2026, 11, 16), date(2026, 11, 30)),
    (DEDICATED_PAMS[11], DEDICATED_PAMS[12], date(2026, 11, 20), date(2026, 12, 7)),
    (TELE_PAMS[2], TELE_PAMS[3], date(2026, 11, 23), date(2026, 11, 28)),
    (CLAIRE, DEDICATED_PAMS[2], date(2026, 12, 21), date(2027, 1, 4)),
)


def staff_rows() -> Iterator[Row]:
    """All of the vendor's people, invited until a password is set."""
    rng = Random("palier:staff")
    named = dict(NAMED)
    for pam in (*DEDICATED_PAMS, *TELE_PAMS):
        named.setdefault(pam, ("pam", names.person(rng)))
    segments = {lead: segment for segment, lead in LEADS.items()}
    for number, (role, name) in sorted(named.items()):
        yield {
            "id": number, "email": f"{names.slug(name)}@palier.example", "name": name,
            "phone": names.phone(number),
            "locale": "fr", "role": role, "partner_id": None, "segment": segments.get(number),
            "tele": number in TELE_PAMS, "state": "invited", "created_at": HIRED_AT,
        }  # fmt: skip


def delegation_rows() -> Iterator[Row]:
    """Absences and the deputies that stand in."""
    for pam, deputy, starts_on, ends_before in ABSENCES:
        yield {
            "pam_id": pam, "deputy_id": deputy, "starts_on": starts_on, "ends_before": ends_before,
            "created_at": instant(date(2026, 11, 9)),
        }  # fmt: skip
