"""What the command line says, and the exit code it gives, for what went wrong."""

import errno

from config import ConfigError
from portal.errors import DomainError, Invalid

FAILED = 1
MISSING = 3
PORT_IN_USE = 4
DISK_FULL = 5
ALREADY_RUNNING = 6
AWAY = 7


class Failure(Exception):
    """A command cannot go on: the words to say and the exit code to give."""

    def __init__(self, words: str, code: int = FAILED) -> None:
        self.code = code
        super().__init__(words)


def in_words(error: BaseException) -> tuple[str | None, int]:
    """Plain words and exit code of a failure; no words where it is a fault of the program."""
    if isinstance(error, Failure):
        return str(error), error.code
    if isinstance(error, ConfigError):
        return "\n".join(["The settings cannot be used:", *(f"  {f}" for f in error.faults)]), FAILED
    if isinstance(error, Invalid):
        return "\n".join(f"{place}: {fault}" for place, fault in error.faults.items()), FAILED
    if isinstance(error, DomainError):
        return f"Refused: {error}", FAILED
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{_where(error)}: make room and run this again.", DISK_FULL
    if type(error).__name__ == "OperationalError":
        return f"The database does not answer: {str(error).splitlines()[0]}", AWAY
    return None, FAILED


def _where(error: OSError) -> str:
    return f" ({error.filename})" if error.filename else ""
