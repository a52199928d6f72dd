"""The entry point of `renewals` and `python -m scheduler`: finds the command, runs it, turns errors
into exit codes.

Always holds: exit code 0 done, 1 something failed, 2 the user must change something, 130
interrupted; only the given command's module is imported; the help of the whole program needs no
import beyond the table of commands.
"""

import os
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from scheduler.cli.commands import COMMANDS, GROUPS, Command
from scheduler.cli.terminal import say
from scheduler.core.words.labels import Label
from scheduler.core.words.languages import Language
from scheduler.system.gc_tuning import collect_seldom

FAILED, USER_MUST_ACT = 1, 2
_WITH_VALUE = ("--dir", "--lang", "--as-of")
_COMMON = (*_WITH_VALUE, "--json")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    collect_seldom()
    words = list(sys.argv[1:] if argv is None else argv)
    say.hold_output()
    say.guard_exits()
    say.speak(say.language_of(_lang_in(words), os.environ))
    try:
        code = _done(words)
        say.finish()
        return code
    except BrokenPipeError:
        say.let_go()
        return 0
    except KeyboardInterrupt:
        say.tell("interrupted")
        return 130
    except Exception as error:
        from scheduler.cli.errors import explain

        explained = explain(error, say.language())
        if explained is None:
            raise
        say.tell(Label.verbatim(explained.text))
        return explained.exit_code


def _done(words: Sequence[str]) -> int:
    """Does what was asked for. Its exit code."""
    common, rest = _common_first(words)
    if not rest or rest[0] in ("--help", "-h", "help"):
        _help(COMMANDS)
        return 0
    if rest[0] in ("--version", "-V"):
        return _version()
    command = find(rest)
    if command is None:
        return _unknown(rest)
    return _run(command, [*rest[len(command.name.split()) :], *common])


def find(words: Sequence[str]) -> Command | None:
    """The command that the first words name: the most words that are one."""
    by_name = {command.name: command for command in COMMANDS}
    named = (by_name.get(" ".join(words[:n])) for n in (3, 2, 1))
    return next((command for command in named if command), None)


def begun_by(word: str) -> tuple[Command, ...]:
    """The commands of several words that begin with `word`."""
    return tuple(command for command in COMMANDS if command.name.startswith(f"{word} "))


def _lang_in(words: Sequence[str]) -> str | None:
    """The value of `--lang`, which must be known before any help text is made."""
    for n, word in enumerate(words):
        if word == "--lang" and n + 1 < len(words):
            return words[n + 1]
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None


def _common_first(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options for every command that stand before the command, and the rest."""
    n = 0
    while n < len(words) and words[n].partition("=")[0] in _COMMON:
        n += 2 if words[n] in _WITH_VALUE else 1
    return list(words[:n]), list(words[n:])


def _help(commands: Sequence[Command]) -> None:
    """The commands with what they do, by group."""
    say.say("Usage: renewals COMMAND [OPTIONS]")
    width = max(len(command.name) for command in commands)
    for group, listed in GROUPS.items():
        meant = [command for command in listed if command in commands]
        if meant:
            print(f"\n{say.strong(say.label(group))}")
        for command in meant:
            print(f"  {command.name.ljust(width)}  {say.label(command.help)}")
    say.say(
        "\nWith every command: --dir FOLDER (default: RENEWALS_DIR, else the current one), "
        "--lang {languages}, --help",
        languages="|".join(Language),
    )
    say.say("Exit codes: 0 done, 1 something failed, 2 you must change something, 130 interrupted")


def _version() -> int:
    """The program's version."""
    from scheduler import __version__

    print(f"renewals {__version__}")
    return 0


def _unknown(words: Sequence[str]) -> int:
    """No such command: the nearest ones, or those that begin with the word."""
    several = begun_by(words[0])
    if several:
        _help(several)
        return 0 if words[1:] in ([], ["--help"], ["-h"]) else USER_MUST_ACT
    near = get_close_matches(words[0], [command.name for command in COMMANDS], n=1)
    say.tell(
        "there is no command {words!r}; {near}",
        near=(
            Label("did you mean `renewals {near}`?", near=near[0])
            if near
            else Label("`renewals --help` lists them")
        ),
        words=words[0],
    )
    return USER_MUST_ACT


def _run(command: Command, arguments: list[str]) -> int:
    """Imports the command's module, reads its arguments and calls it."""
    from scheduler.cli.options import parsed_by

    return parsed_by(command, _load(command))(arguments)


def _load(command: Command) -> Callable[..., Any]:
    """The command's function."""
    module, _, name = command.function.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"scheduler.cli.{module}"), name)
    return function
