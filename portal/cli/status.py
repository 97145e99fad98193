"""status: what runs on this data folder, where it is and how it fares."""

import argparse
import json
from pathlib import Path
from typing import Any

import psycopg

from portal.cli.supervisor import state, web
from portal.cli.supervisor.home import Home

STATES = ("ready", "leased", "done", "dead")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("status", help="what runs here and how it fares")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the status; 0 when the portal answers, 1 when it does not."""
    now = status(Home.from_env())
    print(json.dumps(now, indent=2, ensure_ascii=False) if options.json else in_words(now))
    return 0 if options.json or now["ready"] else 1


def status(home: Home) -> dict[str, Any]:
    """Addresses, processes, captured mails, work items and demo sign-ins of the instance."""
    running = state.read(home)
    environment = running.get("environment", {})
    mail = home.root / "mail"
    ready = bool(running) and bool(running["seeded"]) and web.answers(running["port"])
    return {
        "url": running.get("url"),
        "ready": ready,
        "processes": [
            {"name": one["name"], "pid": one["pid"], "state": one["state"]}
            for one in running.get("processes", [])
        ],
        "database_url": environment.get("DATABASE_URL"),
        "redis_url": environment.get("REDIS_URL"),
        "mail": {"captured": captured(mail), "folder": str(mail)},
        "work": work(environment.get("DATABASE_URL")),
        "accounts": running.get("accounts", []),
    }


def captured(folder: Path) -> int:
    """How many mails were captured."""
    return sum(1 for _ in folder.glob("[!.]*.eml"))


def work(database_url: str | None) -> dict[str, int]:
    """How many work items there are in each state; zeros when the database is away."""
    counts = dict.fromkeys(STATES, 0)
    if database_url:
        try:
            with psycopg.connect(database_url, connect_timeout=3) as owner:
                counts.update(owner.execute("select state, count(*) from work_items group by state"))
        except psycopg.Error:
            pass
    return counts


def in_words(now: dict[str, Any]) -> str:
    """The status for people."""
    if not now["url"]:
        return "Nothing runs here. Start it with: python3 -m portal up"
    lines = [f"{now['url']}  {'ready' if now['ready'] else 'not ready'}", ""]
    lines += [f"  {one['name']:<12} {one['state']:<11} pid {one['pid'] or '-'}" for one in now["processes"]]
    lines += ["", "  work   " + ", ".join(f"{count} {name}" for name, count in now["work"].items())]
    lines += [f"  mail   {now['mail']['captured']} in {now['mail']['folder']}"]
    return "\n".join(lines)
