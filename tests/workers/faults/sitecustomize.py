"""On the path of an instance's processes: every write of workers and scheduler is seen, and one may be the last.

Python imports this module by itself at its start. It stands around what a process can write with (PostgreSQL,
the file store, the disk, the relay, Redis), so a write that somebody adds to the portal is covered without
being listed anywhere, and the portal knows nothing of it. The folder that `PALIER_FAULTS` names holds

    seen-<pid>   what each process wrote, one line for each side of a write
    armed-<n>    a point at which whoever comes there first is killed, and with whom: a kind of item and
                 either what it writes, which side of it and the how many-th, or how many steps it has made
    fired-<n>    the same, once it has happened
"""

import json
import os
import re
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

READS = {
    *(
        "AUTH",
        "CLIENT",
        "EXISTS",
        "GET",
        "HELLO",
        "HGET",
        "HGETALL",
        "HMGET",
        "INFO",
        "LLEN",
        "LRANGE",
        "PING",
    ),
    *(
        "SELECT",
        "SISMEMBER",
        "SMEMBERS",
        "SUBSCRIBE",
        "TTL",
        "UNSUBSCRIBE",
        "ZCARD",
        "ZRANGE",
        "ZRANGEBYSCORE",
    ),
}
WRITE = re.compile(r"\s*(?:with\b.*?\b)?(insert into|update|delete from|copy)\s+\"?(\w+)", re.I | re.S)
FIRST = os.getpid()  # children are forked from it


class Faults:
    """What this process wrote so far, and where it is to end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid = 0
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.unsaved: dict[int, list[str]] = {}

    def around(self, label: str, call: Any, *args: Any, **more: Any) -> Any:
        """Let a write happen, having come before it and coming after it."""
        self.reach(label, "before")
        done = call(*args, **more)
        self.reach(label, "after")
        return done

    def reach(self, label: str, side: str) -> None:
        if self.pid != os.getpid():  # a child starts its own count
            self.pid = os.getpid()
            self.counts.clear()
            self.seen = (self.folder / f"seen-{self.pid}").open("a")
        kind, item, attempt = doing()
        if kind == "":
            return
        self.counts[item, label, side] += 1
        self.counts[item, "", ""] += 1
        nth, step = self.counts[item, label, side], self.counts[item, "", ""]
        point = {"kind": kind, "label": label, "side": side, "nth": nth, "step": step}
        told = {**point, "item": item, "attempt": attempt, "at": time.time()}
        self.seen.write(json.dumps(told) + "\n")
        self.seen.flush()
        for name in os.listdir(self.folder):
            if name.startswith("armed-"):
                self.end_at(self.folder / name, point, told)

    def end_at(self, armed: Path, point: dict[str, Any], told: dict[str, Any]) -> None:
        """Die here, if this is the place and nobody died of it before."""
        try:
            asked = json.loads(armed.read_text())
            if any(point[name] != value for name, value in asked.items() if name != "victim"):
                return
            fired = self.folder / armed.name.replace("armed", "fired")
            fresh = self.folder / f"new-{self.pid}"
            fresh.write_text(json.dumps({**asked, **told, "at": time.time()}))
            armed.unlink()
            fresh.rename(fired)
        except (FileNotFoundError, ValueError):
            return
        self.kill(asked["victim"])

    def kill(self, victim: str) -> None:
        """End the supervisor, the worker or the child alone, and with each what it holds up."""
        if victim == "supervisor":
            os.kill(int((self.folder / "supervisor").read_text()), signal.SIGKILL)
        if victim != "child" and os.getpid() != FIRST:
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def doing() -> tuple[str, str, int]:
    """The kind of item that this very thread does, the item and the attempt; read off the stack."""
    frame, kind = sys._getframe(), ""
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if file.endswith("workers/job.py"):
            if name == "beat":  # its time is the clock's, not the work's
                return "", "", 0
            if name == "attempt":
                held = frame.f_locals["held"]
                return held.kind, str(held.id), held.attempt
            kind = kind or "taking"
        if file.endswith("workers/schedule.py"):
            return "sweep", "", 0
        frame = frame.f_back  # type: ignore[assignment]
    return kind or ("bell" if os.getpid() != FIRST else ""), "", 0


def label_of(query: Any) -> str:
    """What a statement writes: the table, and for an update the columns."""
    words = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else ""
    found = WRITE.match(words)
    if found is None:
        return ""
    verb, table = found[1].lower().split()[0], found[2]
    if verb != "update":
        return f"{verb} {table}"
    columns = re.split(r"(?i)\bset\b", words, maxsplit=1)[-1]
    names = re.findall(r"(?:^|,)\s*(\w+)\s*=", re.split(r"(?i)\bwhere\b", columns, maxsplit=1)[0])
    return f"update {table}({','.join(names)})"


def watch_postgresql(faults: Faults) -> None:
    import psycopg

    execute, many, commit = psycopg.Cursor.execute, psycopg.Cursor.executemany, psycopg.Connection.commit

    def on_execute(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        return write(execute, self, query, *args, **more)

    def on_many(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        return write(many, self, query, *args, **more)

    def write(call: Any, self: Any, query: Any, *args: Any, **more: Any) -> Any:
        label = label_of(query)
        if not label:
            return call(self, query, *args, **more)
        faults.unsaved.setdefault(id(self.connection), []).append(label)
        return faults.around(label, call, self, query, *args, **more)

    def on_commit(self: Any) -> None:
        labels = faults.unsaved.pop(id(self), [])
        if labels:
            faults.around(f"commit after {labels[-1]}", commit, self)
        else:
            commit(self)

    psycopg.Cursor.execute, psycopg.Cursor.executemany = on_execute, on_many  # type: ignore[method-assign]
    psycopg.Connection.commit = on_commit  # type: ignore[method-assign]


def watch_files(faults: Faults) -> None:
    import obstore

    put, fsync = obstore.put, os.fsync
    obstore.put = lambda *args, **more: faults.around("put file", put, *args, **more)  # type: ignore[assignment]
    os.fsync = lambda handle: faults.around("fsync", fsync, handle)  # type: ignore[assignment]


def watch_relay(faults: Faults) -> None:
    import smtplib

    send = smtplib.SMTP.send

    def on_send(self: Any, said: Any) -> None:
        word = said.split()[0].lower() if isinstance(said, str) else "content"
        faults.around(f"relay {word}", send, self, said)

    smtplib.SMTP.send = on_send  # type: ignore[method-assign]


def watch_redis(faults: Faults) -> None:
    from redis.connection import AbstractConnection

    send = AbstractConnection.send_packed_command

    def on_send(self: Any, command: Any, *args: Any, **more: Any) -> None:
        packed = command if isinstance(command, bytes) else b"".join(command)
        name = packed.split(b"\r\n")[2].decode(errors="replace").upper() if b"\r\n" in packed else ""
        if name in READS:
            send(self, command, *args, **more)
        else:
            faults.around(f"redis {name}", send, self, command, *args, **more)

    AbstractConnection.send_packed_command = on_send  # type: ignore[method-assign]


def install(folder: Path) -> None:
    faults = Faults(folder)
    for watch in (watch_postgresql, watch_files, watch_relay, watch_redis):
        watch(faults)


if "PALIER_FAULTS" in os.environ and sys.orig_argv[1:3] == ["-m", "workers"]:
    install(Path(os.environ["PALIER_FAULTS"]))
