"""The command line: each module here that has `add_parser(subparsers)` is a command."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code, its refusals put in plain words."""
    from portal.cli.failures import in_words
    from portal.cli.supervisor.state import join_running_instance

    args = list(sys.argv[1:] if argv is None else argv)
    parser = parser_for(args)
    options, others = parser.parse_known_args(args)
    if others and not options.passes_on:
        parser.error(f"unknown: {' '.join(others)}")
    options.others = others
    try:
        if options.joins:
            join_running_instance()
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        words, code = in_words(error)
        if words is None:
            raise
        print(words, file=sys.stderr)
        return code


def parser_for(args: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the named command alone, so that no command waits for the others' imports."""
    parser = argparse.ArgumentParser(prog="python3 -m portal", description="The partner portal.")
    parser.set_defaults(joins=True, passes_on=False)
    commands = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    names = [module.name for module in iter_modules(__path__) if not module.ispkg]
    named = [name for name in names if args and name.rstrip("_") == args[0].replace("-", "_")]
    for name in named or names:
        if name != "__main__":
            module = import_module(f"{__name__}.{name}")
            if hasattr(module, "add_parser"):
                module.add_parser(commands)
    return parser
