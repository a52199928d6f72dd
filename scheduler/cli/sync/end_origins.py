"""Where the ends of contracts come from, and what of it cannot be read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from scheduler.cli.terminal.say import heading, language, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.linked import KIND_WORDS
from scheduler.core.words.labels import Label
from scheduler.core.words.reasons import word

if TYPE_CHECKING:
    from scheduler.services.sync.record_rows import EndOrigin
    from scheduler.services.sync.rehearsing import SyncRehearsal

_EXAMPLES, _PROBLEMS = 2, 5


def show_ends(rehearsed: "SyncRehearsal") -> None:
    """Shows how many ends come from where, with examples, and what cannot be read."""
    by_place: dict[str, list[EndOrigin]] = defaultdict(list)
    for each in rehearsed.ends:
        by_place[_place(each)].append(each)
    if by_place:
        heading("Where the ends come from")
        often = sorted(by_place.items(), key=lambda each: -len(each[1]))
        rows = [(place, len(some), _examples(some)) for place, some in often]
        columns = (
            text("Property"),
            Column(text("Deals"), right=True),
            Column(text("For example"), wraps=True),
        )
        table(columns, rows)
    for problem in rehearsed.problems[:_PROBLEMS]:
        tell("deal {deal}, {name}: {said}", deal=problem.deal, name=problem.name, said=problem.said)
    tell_unread(rehearsed.unread)


def _place(origin: "EndOrigin") -> str:
    """Where one comes from, in words."""
    if origin.place:
        return origin.place
    if origin.estimated:
        return text("calculated from the close date")
    return text("calculated from the start") if origin.ends_on else text("no end")


def _examples(some: "Sequence[EndOrigin]") -> str:
    """The first ends with their records."""
    return "; ".join(
        f"{each.ends_on} {', '.join(each.named)}".strip()
        for each in some[:_EXAMPLES]
        if each.ends_on
    )


def tell_unread(unread: Mapping[LinkedKind, str]) -> None:
    """The kinds of records that cannot be read, and why, from stored reasons."""
    for kind, why in unread.items():
        tell(
            "{kind} were not read: {why}; fields that come from them stay as they are here",
            kind=KIND_WORDS[kind],
            why=word(why, language()),
        )


def tell_lacking(lacking: Sequence[str]) -> None:
    """Says what the mapping names that the account does not have, from stored reasons."""
    for why in lacking:
        tell(Label.verbatim(word(why, language())))
