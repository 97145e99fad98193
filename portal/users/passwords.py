"""Passwords: what makes a good one, and the only two things done with it."""

import re
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from portal.errors import Invalid

SHORTEST, LONGEST = 12, 256
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_few_at_once = BoundedSemaphore(2)  # each takes 64 MiB for a while

# Bases of the long passwords most often found in leaks; digits and signs around them add nothing.
COMMON = {
    "password", "passwordpassword", "motdepasse", "motdepassemotdepasse", "azertyuiop", "azertyazerty",
    "azerty", "qwertyuiop", "qwertyqwerty", "qwerty", "administrateur", "administrator", "adminadmin",
    "bienvenue", "welcome", "iloveyou", "jetaime", "soleil", "doudou", "chouchou", "marseille", "palier",
    "changeme", "letmein", "loulou", "abcdefghijkl", "abcdefghijklmnop", "azertyuiopqsdfghjklm",
    "qwertyuiopasdfghjkl", "footballfootball",
}  # fmt: skip


def check_password(password: str, *, email: str) -> None:
    """Refuse a password that is short, common, all alike, or made of the person's address."""
    fold = password.casefold()
    name = email.partition("@")[0]
    if len(password) < SHORTEST:
        raise Invalid({"password": "password_short"}, least=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid({"password": "password_long"}, most=LONGEST)
    if email.casefold() in fold or (len(name) > 3 and fold.startswith(name) and len(fold) - len(name) < 6):
        raise Invalid({"password": "password_email"})
    bare = re.sub(r"[^a-zà-ÿ]", "", fold)
    if len(set(fold)) < 5 or bare in COMMON or (re.fullmatch(r"[\d\W]*", fold) and len(fold) < 16):
        raise Invalid({"password": "password_common"})


def hash_password(password: str) -> str:
    """The argon2id hash that is kept."""
    with _few_at_once:
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one; takes as long when there is none to compare with."""
    with _few_at_once:
        try:
            return _hasher.verify(password_hash or _of_nobody(), password) and password_hash is not None
        except VerifyMismatchError:
            return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _of_nobody() -> str:
    return _hasher.hash("nobody has this password")
