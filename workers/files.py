"""Jobs of stored files."""

from portal import audit, clock, files, work
from portal.db import transaction


def scan(held: work.Lease) -> None:
    """Ask the scanner again about what waits in quarantine."""
    with transaction():
        for file_id, partner_id, state, threat in files.scan_quarantine():
            audit.record(
                f"file.{state}", subject=("file", file_id), at=clock.now(), actor_id=None,
                partner_id=partner_id, threat=threat,
            )  # fmt: skip
        work.finish(held, at=clock.real_now())
