"""`python3 -m workers work` takes items as the bell rings; `… schedule` rings again for what was missed."""

import sys

from config import ConfigError, Settings


def main(arguments: list[str]) -> int:
    """Run one of the two processes until it is told to stop."""
    if arguments not in (["work"], ["schedule"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        settings = Settings.from_env()
    except ConfigError as error:
        print(*error.faults, sep="\n", file=sys.stderr)
        return 1
    if arguments == ["work"]:
        from workers.worker import work

        work(settings)
    else:
        from workers.schedule import schedule

        schedule(settings)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
