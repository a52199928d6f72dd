"""Questions on a terminal: prefilled, asked again where the reply cannot be read, on standard error
so that results stay clean.

Always holds: where standard input is no terminal nobody is asked; the caller's sentence says what
to give instead.
"""

import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

from scheduler.cli.terminal.say import tell, text
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

T = TypeVar("T")


def asked(question: str, default: str, read: Callable[[str], T]) -> T:
    """Asks a question and returns the reply as read by `read`; an empty one takes the default.
    Raises typer.Abort at the end of the input."""
    from typer import Abort

    prompt = f"{question} [{default}]: " if default else f"{question}: "
    while True:
        sys.stderr.write(prompt)
        sys.stderr.flush()
        try:
            written = input().strip() or default
            if written:
                return read(written)
        except EOFError:
            tell()
            raise Abort from None
        except UserMustActError as error:
            tell(error.label)


def chosen(question: str, choices: Mapping[str, str], missing: str) -> str:
    """Asks for one of the choices (id: name), by its number, its id or its name. Raises
    UserMustActError, listing all of them, where nobody can be asked."""
    listed = [
        f"  {number:>2}  {id_:<16} {name}" for number, (id_, name) in enumerate(choices.items(), 1)
    ]
    if not sys.stdin.isatty():
        lines = "\n".join([missing, *(f"  {id_:<16} {name}" for id_, name in choices.items())])
        raise UserMustActError(Label.verbatim(lines))
    for line in listed:
        tell(Label.verbatim(line))

    def read(written: str) -> str:
        plain = written.strip()
        ids = list(choices)
        if plain.isdecimal() and 1 <= int(plain) <= len(ids):
            return ids[int(plain) - 1]
        found = next((id_ for id_, name in choices.items() if plain in (id_, name)), None)
        if found is None:
            raise UserMustActError("answer with a number from 1 to {ids}", ids=len(ids))
        return found

    return asked(f"{question} {text('(number)')}", "", read)
