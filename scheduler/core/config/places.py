"""Where mistakes are in a TOML file: each with its place as people write it, and its line.

Always holds: a place without a line gets the line of the nearest table around it; no sentence
repeats a secret.
"""

import re
from collections.abc import Iterable, Mapping

from scheduler.core.config.fields import shown
from scheduler.core.config.literal_secrets import without_secrets
from scheduler.core.config.mistakes import Found, Place
from scheduler.core.config.toml.lines import key_lines
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import Problem

_BARE = re.compile(r"[\w-]{1,40}", re.ASCII)


def located(found: Iterable[Found], text: str, file: str) -> list[Problem]:
    """Each mistake once, with its line, in the order of the file."""
    found = list(found)
    lines = key_lines(text.replace("\r\n", "\n")) if found else {}
    order = {place: number for number, place in enumerate(lines)}
    ordered = sorted(dict.fromkeys(found), key=lambda f: order.get(_known(f[0], lines), -1))
    return in_order(problem_at(place, label, file, lines) for place, label in ordered)


def problem_at(place: Place, label: Label, file: str, lines: Mapping[Place, int]) -> Problem:
    """One mistake with its line, and without secrets."""
    return Problem(
        file,
        lines.get(_known(place, lines), 0),
        without_secrets(dotted(place)),
        Label.verbatim(ByLanguage(_without_secrets, label)),
    )


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Mistakes in the order of the file."""
    return sorted(problems, key=lambda p: p.line)


def dotted(place: Place) -> str:
    """A place as people write it.

    >>> dotted(("milestones", 1, "offset"))
    'milestones[1].offset'
    """
    return "".join(
        f"[{p}]" if isinstance(p, int) else f".{p}" if _BARE.fullmatch(p) else f".{shown(p)}"
        for p in place
    )[1:]


def _without_secrets(label: Label, language: Language) -> str:
    return without_secrets(label.of(language))


def _known(place: Place, lines: Mapping[Place, int]) -> Place:
    """The place, or the nearest table around it that is in the file."""
    while place and place not in lines:
        place = place[:-1]
    return place
