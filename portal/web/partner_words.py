"""How firms are called and pictured on the vendor's pages."""

from typing import Any

from portal.i18n import lazy_gettext as _l
from portal.partners import Coverage, Segment, Unit

SEGMENTS: dict[Segment, Any] = {
    Segment.SSII: _l("services firm (SSII)"),
    Segment.ISV: _l("software vendor (ISV)"),
    Segment.LAR: _l("large account reseller (LAR)"),
    Segment.SMB_D: _l("distributor or e-tailer (SMB-D)"),
    Segment.VAR: _l("reseller (VAR)"),
    Segment.ALLIANCE: _l("alliance"),
}
COVERAGES: dict[Coverage, Any] = {Coverage.DEDICATED: _l("dedicated"), Coverage.TELE: _l("tele-managed")}
UNITS: dict[Unit, Any] = {Unit.PST: _l("Partner Sales Team"), Unit.EPG: _l("Enterprise (EPG)")}
