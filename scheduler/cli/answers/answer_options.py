"""What `renewals answer` takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from scheduler.cli.terminal.confirming import DryRun
from scheduler.cli.terminal.say import language, text
from scheduler.core.answers.verbs import VERBS
from scheduler.core.imports import words
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.core.words.lexicon import ForecastCall, Health, Language, Paperwork

NAMES = {verb: rule.label for verb, rule in VERBS.items()}


def listed(verbs: Mapping[Any, Label]) -> Joined:
    """Verbs as they are typed, with what they are called where that is another language's."""
    return Joined((ByLanguage(_listed_word, v.value, name) for v, name in verbs.items()), COMMA)


def _listed_word(word: str, name: Label, language: Language) -> str:
    return word if language is Language.EN else f"{word} {name.of(language)}"


ContractArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONTRACT",
        help=text("contract number, or '#deal' (not with --contracts, --where, --batch)"),
    ),
]
VerbArgument = Annotated[
    str | None, typer.Argument(metavar="VERB", help=listed(NAMES).of(language()))
]
ValueArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="VALUE",
        help=text(
            "call: {calls}; paperwork: {paperwork}; health, onboarded: {health}",
            calls=words.listed(ForecastCall),
            paperwork=words.listed(Paperwork),
            health=words.listed(Health),
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """What an answer says besides its verb and value, as it was typed, and who gives it."""

    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help=text("snooze: the day to ask again")),
    ] = None
    expected: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help=text("call, paperwork: the day it is expected"),
        ),
    ] = None
    health: Annotated[
        str | None,
        typer.Option(
            metavar="HEALTH",
            help=text("onboarded: how the customer is doing"),
        ),
    ] = None
    amount: Annotated[
        str | None,
        typer.Option(metavar="AMOUNT", help=text("won: the renewed amount")),
    ] = None
    term: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTH",
            help=text("won: the renewed term, e.g. '12 months'"),
        ),
    ] = None
    renewal_term: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTH",
            help=text("won: the terms after the renewed one, e.g. 36 months, then 12 at a time"),
        ),
    ] = None
    starts: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help=text(
                "won: the renewed start (default: the day after the end; before it, the "
                "running term is replaced)"
            ),
        ),
    ] = None
    ends: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help=text("won: the renewed end; notice: the last day of an evergreen contract"),
        ),
    ] = None
    reason: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help=text(
                "lost, notice: the main reason (without it you get the list); health, onboarded: "
                "why"
            ),
        ),
    ] = None
    second: Annotated[
        str | None,
        typer.Option(metavar="ID", help=text("lost, notice: a second reason")),
    ] = None
    avoidable: Annotated[
        bool | None,
        typer.Option(
            "--avoidable/--unavoidable",
            help=text("lost, notice: could it have been avoided"),
        ),
    ] = None
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help=text("notice: the day it was received (default: today)"),
        ),
    ] = None
    note: Annotated[str, typer.Option(metavar="TEXT", help=text("a note"))] = ""
    by: Annotated[
        str | None,
        typer.Option(
            metavar="EMAIL",
            help=text("who answers (default: RENEWALS_USER, else the OS user)"),
        ),
    ] = None
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            "-y",
            help=text(
                "won: renew on the same terms; notice, call, snooze, paperwork: accept an "
                "unusual day; several contracts: do not ask"
            ),
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """For which contracts an answer is, where it is for several; the batch that is undone."""

    contracts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=text("for every contract in this file (one a line; -: standard input)"),
        ),
    ] = None
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            help=text("for every open contract that meets this condition, e.g. segment=smb"),
        ),
    ] = None
    skip: Annotated[
        bool,
        typer.Option(
            "--skip",
            help=text("several contracts: leave out those that the answer does not fit"),
        ),
    ] = False
    dry_run: DryRun = False
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help=text("undo: the number of answers recorded together"),
        ),
    ] = None

    @property
    def given(self) -> bool:
        """Whether the answer is for several contracts."""
        return self.contracts is not None or bool(self.where) or self.batch is not None
