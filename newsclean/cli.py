"""The command line: parse, call, print, exit code. What happens happens elsewhere."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from newsclean.errors import NewscleanError
from newsclean.options import LOOKS, say

# What --help says; docs/cli.md and the README have the same table.
EXIT_CODES = """
**Exit codes**: 0 fine; 1 `clean --check` would cut something, `rules test` failed, or `report --compare` found a change;
2 wrong usage, rule pack, configuration, input or report, or a disk that is full; 3 some of several files or documents failed;
130 interrupted; 143 terminated; 141 the reader of the pipe went away.
"""

# Where the commands are, in the order of the help.
COMMANDS = {
    "batch": "newsclean.cli_batch:batch",
    "report": "newsclean.cli_batch:report",
    "learn": "newsclean.cli_learn:learn",
    "clean": "newsclean.cli_clean:clean",
    "diff": "newsclean.cli_look:diff",
    "restore": "newsclean.cli_look:restore",
    "explain": "newsclean.cli_look:explain",
    "rules": "newsclean.cli_rules:rules_app",
}


@cache
def _command(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(**LOOKS)
    alone.command()(found)
    return typer.main.get_command(alone)


class _Commands(Mapping[str, Any]):
    """The commands by name. Each is imported and made when it is asked for: all together take longer than cleaning a text."""

    def __getitem__(self, name: str) -> Any:
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Newsclean(TyperGroup):
    def __init__(self, **said: Any) -> None:
        super().__init__(**{**said, "commands": _Commands()})


app = typer.Typer(
    name="newsclean",
    cls=_Newsclean,
    help="Take the furniture out of scraped news (paywall blurbs, promos, share bars, doubled timestamps), and account "
    "for every character.\n\n" + EXIT_CODES,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **{**LOOKS, "add_completion": True},
)


def _version(wanted: bool) -> None:
    if wanted:
        from newsclean import __version__

        print(f"newsclean {__version__}")
        raise typer.Exit


@app.callback()
def _newsclean(
    version: Annotated[bool, typer.Option("--version", "-V", help="Show the version.", callback=_version, is_eager=True)] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. What a user can mend is one line on standard error; a crash of ours shows its traceback."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  # closed by whoever started us
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if hasattr(signal, "SIGPIPE"):  # a reader that goes away ends us as it ends other filters: at once, without a word
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        app()
    except NewscleanError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:  # where a command has to ignore the signal
        sys.exit(128 + signal.SIGPIPE)
