"""What is wrong in a reorganisation file, and what its lines do, in words."""

from typing import Any

from portal.i18n import gettext
from portal.i18n import lazy_gettext as _l
from portal.portfolio import Fault, LineKind
from portal.web.words import N_

KINDS: dict[LineKind, tuple[str, Any]] = {
    LineKind.JOINED: ("ok", _l("joins")),
    LineKind.CHANGED: ("info", _l("changes")),
    LineKind.UNCHANGED: ("quiet", _l("unchanged")),
    LineKind.MERGED: ("wait", _l("merged")),
}
FAULTS: dict[str, str] = {
    "file_empty": N_("The file has no line under its header."),
    "file_too_long": N_("The file has more than %(value)s lines. Cut it into several files."),
    "encoding_unknown": N_("The encoding cannot be read. Save the file as CSV UTF-8."),
    "quotes_unbalanced": N_("A quotation mark is opened and never closed, here or above."),
    "cells_count": N_("This line has not as many cells as the header (%(value)s). Check the separators."),
    "column_unknown": N_("The column %(value)s is not known. Remove it or correct its name."),
    "column_missing": N_("The column %(value)s is missing. Add it to the header."),
    "column_repeated": N_("The column %(value)s stands twice in the header. Keep one of them."),
    "reorg_code": N_("%(value)s is not a partner code. Write it as P-00042."),
    "reorg_code_twice": N_("%(value)s stands on several lines. Keep one of them."),
    "reorg_siren": N_("%(value)s is not a SIREN: nine digits, the last of which matches the others."),
    "reorg_siren_of_another": N_(
        "This firm is known with the SIREN %(value)s. Check the code and the SIREN."
    ),
    "reorg_name": N_("The legal name is missing."),
    "reorg_segment": N_("%(value)s is not a segment: SSII, ISV, LAR, SMB_D, VAR or ALLIANCE."),
    "reorg_coverage": N_("%(value)s is not a coverage: DEDICATED or TELE."),
    "reorg_day": N_("%(value)s is not a date. Write it as 2026-12-31 or 31/12/2026."),
    "reorg_past": N_("%(value)s is past, and what it would change has been lived. Take today or later."),
    "reorg_not_in_programme": N_("The firm is not in the programme on %(value)s."),
    "reorg_segment_change": N_(
        "This firm is known as %(value)s. Its segment, hence its plan, changes on its own page."
    ),
    "reorg_coverage_ahead": N_(
        "Its coverage already changes on %(value)s: take this line up again once that day has come."
    ),
    "reorg_two_pams": N_("Two account managers, and none is retained: say which one in pam_retained."),
    "reorg_no_pam": N_("No account manager is named: fill in pam_retained."),
    "reorg_pam_unknown": N_(
        "No account manager who is here is called %(value)s. Write the e-mail or the full name."
    ),
    "reorg_pam_homonym": N_("Several account managers are called %(value)s. Write the e-mail."),
    "reorg_alliance": N_("An alliance is followed by EPG, never by a PAM of the team: empty this cell."),
    "reorg_alliance_moves": N_("A firm does not pass between the alliances and the team by a file."),
    "reorg_merge_alone": N_(
        "This SIREN is %(value)s's, which has another PAM. Put the line of %(value)s in the file too."
    ),
    "reorg_merge_disagrees": N_(
        "This line and that of %(value)s are the same firm: give both the same retained PAM and date."
    ),
}
COLUMNS: tuple[tuple[str, str, Any], ...] = (
    ("partner_code", "P-00042", _l("code of the partner")),
    ("siren", "000000422", _l("nine digits, leading zeros included")),
    ("legal_name", "Arvélia Conseil", _l("how the firm is called; a known firm keeps its name")),
    ("segment", "SSII", _l("SSII, ISV, LAR, SMB_D, VAR or ALLIANCE")),
    ("coverage", "DEDICATED", _l("DEDICATED or TELE")),
    ("pam_epg", "marc.delorme@palier.example", _l("PAM for large accounts, by e-mail or full name")),
    ("pam_smsp", "claire.vauquelin@palier.example", _l("PAM for small and mid-size business")),
    ("pam_retained", "claire.vauquelin@palier.example", _l("who stays; needed where the two differ")),
    ("effective_date", "2027-01-01", _l("first day with this PAM, today or later")),
)


def told(fault: Fault) -> str:
    """The sentence of a fault."""
    return gettext(FAULTS[fault.code], value=fault.value)
