"""`python3 -m workers work` takes items as the bell rings; `… schedule` rings again for what was missed."""

import logging
import sys

from config import ConfigError, Settings


def main(arguments: list[str]) -> None:
    """Run one of the two processes until it is told to stop."""
    if arguments not in (["work"], ["schedule"]):
        raise SystemExit(__doc__)
    try:
        settings = Settings.from_env()
    except ConfigError as error:
        raise SystemExit("\n".join(error.faults)) from error
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("workers").setLevel(logging.INFO)
    if arguments == ["work"]:
        from workers.worker import work

        work(settings)
    else:
        from workers.schedule import schedule

        schedule(settings)


if __name__ == "__main__":
    main(sys.argv[1:])
