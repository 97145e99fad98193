"""Where the demo is made: an application that plays people and the workers, while their sessions last."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from config import Settings
from portal import db, files
from portal.db import Identity, acting_as
from portal.demo.loading import as_owner
from portal.users.models import Role

WORKERS = 0


class Stage:
    """An instance on which services run as the people who would have called them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = Flask("demo")
        self.identities: dict[int, Identity] = {}
        db.init(self.app, app_url=settings.app_database_url, gate_url=settings.gate_database_url)
        files.configure(settings.files_url)

    def engage(self, players: dict[int, Role | None]) -> None:
        """Open a session for each of these people, and one for the workers."""
        with as_owner(self.settings.database_url) as owner:
            for user_id, role in players.items():
                token = secrets.token_urlsafe(32)
                self.identities[user_id] = Identity(token, role.database_role if role else "portal_worker")
                owner.execute("update users set state = 'active' where id = %s", [user_id])
                whose = (user_id or None, None if user_id else "worker")
                owner.execute(
                    "insert into sessions"
                    " (token_hash, user_id, service, created_at, last_seen_at, expires_at)"
                    " values (%s, %s, %s, now(), now(), now() + interval '1 hour')",
                    [_hash(token), *whose],
                )

    def dismiss(self) -> None:
        """Forget these sessions; who has no password is but invited."""
        tokens = [_hash(identity.token) for identity in self.identities.values()]
        with as_owner(self.settings.database_url) as owner:
            owner.execute("delete from sessions where token_hash = any(%s)", [tokens])
            owner.execute(
                "update users u set state = 'invited' where id = any(%s)"
                " and not exists (select from user_secrets s where s.user_id = u.id)",
                [list(self.identities)],
            )
        with self.app.app_context():
            db.db.engine.dispose()
            db.gate_engine().dispose()

    @contextmanager
    def acting(self, user_id: int) -> Iterator[None]:
        """Play one of them, or the workers."""
        with self.app.app_context(), acting_as(self.identities[user_id]):
            yield


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
