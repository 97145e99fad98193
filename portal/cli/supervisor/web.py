"""The web server as a supervised process, and the port it wants."""

import errno
import http.client
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

import psutil

from portal.cli.failures import PORT_IN_USE, Failure
from portal.cli.supervisor.child import Program

PROCESSES, THREADS = 2, 4


def program(port: int, env: Mapping[str, str]) -> Program:
    """Gunicorn on the loopback."""
    options = {
        "bind": f"127.0.0.1:{port}",
        "workers": PROCESSES,
        "worker-class": "gthread",
        "threads": THREADS,
        "timeout": 60,
        "graceful-timeout": 8,
    }
    if os.path.isdir("/dev/shm"):
        options["worker-tmp-dir"] = "/dev/shm"
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    argv = [sys.executable, "-m", "gunicorn", "--no-control-socket", *arguments, "wsgi:app"]
    return Program(name="web", argv=argv, env=env, stage=1, ready=lambda: answers(port))


def answers(port: int) -> bool:
    """Whether the portal says that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check_port(port: int) -> None:
    """Refuse to start on a port that is taken, saying by whom where the system tells."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            why = _holder(port) if error.errno == errno.EADDRINUSE else "closed to this user"
            other = f"PORTAL_PORT={port + 1 if port < 65535 else 8000}"
            raise Failure(f"Port {port} is {why}. Choose another, e.g. {other}.", PORT_IN_USE) from error


def _holder(port: int) -> str:
    with suppress(psutil.Error):
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr[1:2] == (port,) and link.pid:
                return f"taken by {psutil.Process(link.pid).name()} (pid {link.pid})"
    return "taken by another program"


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
