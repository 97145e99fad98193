"""The demo: two and a half years of a programme that never was, made once, and who may sign in to it."""

from collections.abc import Callable


def seed(progress: Callable[[float, str], None]) -> None:
    """Make the demo in the empty migrated database of the environment; nothing where it is made already.

    `progress` is told the share done, from 0 to 1, and what is being made.
    """
    from portal.demo.seeding import seed as make

    make(progress)


def unfinished(owner_url: str) -> bool:
    """Whether the demo is still to be made: nothing is there, or only a part of it."""
    from portal.demo.marks import Mark, read_mark

    return read_mark(owner_url) in (Mark.EMPTY, Mark.BEGUN)


def accounts() -> list[dict[str, str]]:
    """The sign-ins, one per role: role, email, password, and the partner's code where there is one."""
    from portal.demo.people import list_accounts

    return list_accounts()
