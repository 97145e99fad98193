"""The private Redis or Valkey: a unix socket in a closed folder, nothing kept on disk."""

import os

from redis import Redis

from portal.cli.failures import MISSING, Failure
from portal.cli.setup.system import QUEUES, found
from portal.cli.supervisor.child import Program
from portal.cli.supervisor.home import Home


def url(home: Home) -> str:
    """Where this instance's server answers."""
    return f"unix://{home.sockets() / 'redis.sock'}"


def program(home: Home) -> Program:
    """The server of this instance."""
    server = found(QUEUES)
    if server is None:
        raise Failure("There is no Redis or Valkey server on this machine: give REDIS_URL.", MISSING)
    socket = str(home.sockets() / "redis.sock")
    options = ["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--save", ""]
    options += ["--appendonly", "no", "--dir", str(home.folder("run")), "--maxmemory-policy", "noeviction"]
    return Program(
        name="redis", argv=[server, *options], env=dict(os.environ), ready=lambda: answers(url(home))
    )


def answers(url: str) -> bool:
    """Whether the server answers."""
    with Redis.from_url(url, socket_timeout=2) as client:
        return bool(client.ping())
