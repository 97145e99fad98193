"""Letters a person may do without, and the link that says so without signing in."""

from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer


class Topic(StrEnum):
    """What may be refused; statements, decisions and security never are."""

    DIGESTS = "digests"
    REMINDERS = "reminders"


def topic_of(kind: str) -> Topic | None:
    """The topic of a kind of mail; None where it goes to everybody it concerns."""
    if kind.startswith("digest."):
        return Topic.DIGESTS
    return Topic.REMINDERS if kind.endswith(("_reminder", ".reminder")) else None


def unsubscribe_path(user_id: int, topic: Topic, *, secret: str) -> str:
    """The page that ends a topic for a person."""
    return f"/account/unsubscribe/{_signer(secret).dumps([user_id, topic.value])}"


def read_unsubscribe(token: str, *, secret: str) -> tuple[int, Topic] | None:
    """Whom and what the link is for; None where it is not one of ours."""
    try:
        user_id, topic = _signer(secret).loads(token)
        return int(user_id), Topic(topic)
    except (BadSignature, ValueError, TypeError):
        return None


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="unsubscribe")
