"""Who may do what."""

from portal.access.guards import SignInRequired, allow, allowed, current_person, public, requires
from portal.access.identity import Person

__all__ = ["Person", "SignInRequired", "allow", "allowed", "current_person", "public", "requires"]
