"""Runs commands in a language of the tests' own making: every sentence that comes out of a
catalogue stands between ⟦ and ⟧, and so does every name that somebody wrote in a configuration.

`python -m tests.marked FOLDER COMMAND…`: a command's words are parted by `|`. It is a process of
its own, because help texts get their language when a command is first loaded.
"""

import re
import sys
from collections.abc import Sequence
from gettext import NullTranslations

import pytest

from scheduler.cli import main
from scheduler.cli.terminal import say
from scheduler.core.words import labels
from scheduler.core.words.lexicon import Language, Verb


class Marking(NullTranslations):
    """A catalogue that has every sentence there is."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self.ngettext(msgid1, msgid2, n)


def another_language() -> Language:
    """A language that the program does not know."""
    made = str.__new__(Language, "qps")
    made._name_, made._value_ = "QPS", "qps"
    return made


def unmarked(text: str) -> str:
    """What stands outside all marks."""
    depth, left = 0, []
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        if character == "\n" or (depth == 0 and character != "⟧"):
            left.append(character)
    return "".join(left)


_DATA = re.compile(
    r"^\$ |^= |https?://\S+|[\w.-]+/[\w./-]+|`[^`]*`|#.*$|\S+ = .+$|\S+\|\S+"
    r"|^ {2}renewals .*|renewals( [\w-]+)+|^ {2}[\w-]+ [\w-]+( [\w-]+)? *$|\[Action needed\].*"
    rf"|\b({'|'.join(Verb)})\b"
)
"""What is nobody's sentence: commands as they are typed, paths, settings as they stand in the file,
and what was said before, in English."""


def unmarked_sentences(text: str) -> list[str]:
    """The lines in which two words follow each other outside all marks."""
    return [
        line
        for line in unmarked(text).splitlines()
        if re.search(r"[a-z]{2,} [a-z]{2,}", _DATA.sub("", line))
    ]


def speak(folder: str, commands: Sequence[str]) -> None:
    """Everything that each command says, and its exit code."""
    marked, catalogue, plain = another_language(), Marking(), labels.Label.of

    def of(label: labels.Label, language: Language) -> str:
        said = plain(label, language)
        return f"⟦{said}⟧" if label.own and said else said

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labels, "catalogue", lambda language: catalogue)
        patch.setattr(labels.Label, "of", of)
        patch.setattr(say, "language_of", lambda wanted, env: marked)
        for command in commands:
            print(f"$ {command}")
            print(f"= {main.main([*command.split('|'), '--dir', folder])}", flush=True)


if __name__ == "__main__":
    speak(sys.argv[1], sys.argv[2:])
