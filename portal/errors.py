"""Errors that speak the domain; each door translates them once, in one table."""


class DomainError(Exception):
    """A refusal with a stable `code`; `params` fill the words shown to people."""

    code = "refused"

    def __init__(self, code: str | None = None, /, **params: object) -> None:
        self.code = code or self.code
        self.params = params
        super().__init__(self.code, params)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code


class NotFound(DomainError):
    """The thing does not exist, or not for this reader: the two are never told apart."""

    code = "not_found"


class Forbidden(DomainError):
    """The reader may see the thing but not do this to it."""

    code = "forbidden"


class Stale(DomainError):
    """Somebody changed the thing meanwhile: `who`, `what`, `at` tell the reader."""

    code = "stale"


class Refused(DomainError):
    """A rule of the domain says no; the code names the rule."""


class PeriodClosed(Refused):
    """The period no longer takes changes; what comes late becomes an adjustment."""

    code = "period_closed"


class Invalid(DomainError):
    """Input that cannot be accepted: `faults` maps each field (or line) to a fault code."""

    code = "invalid"

    def __init__(self, faults: dict[str, str], /, **params: object) -> None:
        self.faults = faults
        super().__init__("invalid", **params)


class Unavailable(DomainError):
    """A service the portal stands on is away; trying again later is the cure."""

    code = "unavailable"
