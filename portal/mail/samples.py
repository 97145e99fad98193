"""Letters with invented contents, for those who look after their words."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import meta

from portal.mail.letters import ROOT, Written, environment, write

LETTERS = ROOT / "templates" / "emails"
PARTS = ("subject.txt", "body.txt", "body.html")

# By the name that templates give them; a name that is not here is told from its ending.
KNOWN: dict[str, Any] = {
    "number": "R-FY26H2-000042",
    "period": "FY26-H2",
    "reference": "D-FY26-000112",
    "title": "Migration de la messagerie",
    "customer": "Mairie de Sainte-Orvanne",
    "firm": "Arvélia Conseil",
    "firms": ["P-00042 Arvélia Conseil", "P-00311 Dormont Systèmes"],
    "payable": "7675.73",
    "carry_out": "0.00",
    "attach": True,
    "pam": {"name": "Claire Vauquelin", "phone": "01 99 00 41 17", "email": "claire@pst.example"},
    "previous": "Marc Delorme",
    "phone": "01 99 00 41 17",
    "email": "claire@pst.example",
    "audience": "firm",
    "reason": "UNDATED",
    "reason_words": {
        "label": {"fr": "Justificatif non daté", "en": "Evidence undated"},
        "cure": {"fr": "Joignez une version datée.", "en": "Join a dated version."},
    },
    "place": {"fr": "les justificatifs", "en": "the evidence"},
    "page": "page 2",
    "reasons": "Aucune pièce nouvelle n’est antérieure à la commande.",
    "author": "Claire Vauquelin",
    "mark": 70,
    "note": "La page 4 n’est pas datée.",
    "words": "Le bon de commande porte 52 000,00 €.",
    "code_link": "/account/invitation/exemple",
    "code_until": "2026-11-24T09:00:00+00:00",
    "code": "P-00042",
    "stage": "asked",
    "iban_before": "FR76 •••• 0189",
    "iban_after": "FR14 •••• 2606",
    "adjusted": "-412.37",
    "origin": "FY26-H1",
    "recipient": "compta@arvelia.example",
    "reply": "550 5.1.1 No such mailbox",
    "second": ["above_limit"],
    "urgent": [["D-FY26-000112", "Arvélia Conseil", "2026-11-25"]],
    "month": "2026-10",
    "position": 1,
    "segment": "SSII",
    "inviter": "Nadia Kerbrane",
    "invited_by": "Nadia Kerbrane",
    "role": "partner_member",
    "path": "/",
    "absent": "Marc Delorme",
    "last_day": "2026-12-24",
    "share": "0.5",
    "outcome": "split",
    "plan": "SSII-FY27-H2",
    "version": 2,
    "before": "VAR",
    "after": "SSII",
    "asker": "Nadia Kerbrane",
    "asker_email": "nadia@arvelia.example",
}
OF_KIND = {
    "pam.changed": {"pam": "Claire Vauquelin"},
    "claim.approved_in_part": {"approved": "30000.00"},
    "inquiry.reseller": {"number": "CMD-2026-0417"},
}
_DAYS = ("_on", "_by", "day", "_until", "until")
_AMOUNTS = ("amount", "credited", "declared", "approved", "target", "baseline", "total", "due")


def kinds() -> list[str]:
    """Every kind of letter there is, as `claim.approved`."""
    folders = (path.name for path in LETTERS.iterdir() if path.is_dir())
    return sorted(name.replace("_", ".", 1) for name in folders)


def sample(kind: str, locale: str, *, account: bool = True, **other: Any) -> Written:
    """The letter of this kind with invented contents, but for `other`; LookupError where there is none."""
    if kind not in kinds():
        raise LookupError(kind)
    given = OF_KIND.get(kind, {})
    context = {name: given.get(name, value_of(name, kind)) for name in _names(kind)} | other
    return write(
        kind,
        context,
        name="Nadia Kerbrane",
        locale=locale,
        account=account,
        base_url="https://palier.example",
    )


@cache
def _names(kind: str) -> set[str]:
    """What the templates of a kind, and those they stand on, ask for."""
    folder, found = LETTERS / kind.replace(".", "_", 1), set()
    for path in (*(folder / part for part in PARTS), *folder.glob("_*")):
        found |= meta.find_undeclared_variables(environment().parse(Path(path).read_text()))
    return found - set(environment().globals) - {"recipient_name", "link", "account", "unsubscribe_url"}


def value_of(name: str, kind: str) -> Any:
    """What stands for this name in a letter of this kind."""
    if name in KNOWN:
        return KNOWN[name]
    if name.endswith("_at"):
        return "2026-12-18T09:00:00+00:00"
    if name.endswith(_DAYS):
        return "2026-12-18"
    if kind.startswith("claim.") and name in _AMOUNTS:
        return "48000.00"
    return "48000.00" if name.endswith(("amount", "target", "baseline")) else 3
