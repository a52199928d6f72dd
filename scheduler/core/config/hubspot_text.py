"""`[hubspot]` as it is proposed: a table for `config.toml` with what people there call each thing,
and the file with it.

Always holds: read again, a line means the rule it was made of; the rest of the file stays as it is,
byte for byte; what others named cannot leave its comment.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scheduler.core.config.literal_secrets import without_secrets
from scheduler.core.config.rules.stage_lines import SKIP, UNKNOWN, stage_key
from scheduler.core.config.toml.values import printable, toml_value
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.policy.hubspot import StageRule
from scheduler.core.sync.guesses import FieldGuess, Offered
from scheduler.core.sync.proposal import Proposal
from scheduler.core.sync.stages import TheirPipeline, TheirStage
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

_MACHINE = re.compile(r"^\s*\[\s*machine\s*\]", re.MULTILINE)
_ONLY_BY_COMMAND = Label(
    "synchronises only when the command is run; write 60 once the dry run looks right"
)
_NOTHING_WRITTEN = Label("nothing is written to HubSpot; write true when you want it")
_COULD_BE = Label("could be {names}")
_END = Label("the property that holds the end of a contract; without one it is estimated")
_NO_PLACE = Label(
    "{stage}: its deals are held until it has a place; write the stage that it stands for here"
)
_LEFT_OUT = Label("{pipeline}: none of its stages has a name known here; its deals are left out")


def stage_text(rule: StageRule) -> str:
    """A rule as the right side of its line.

    >>> stage_text(StageRule(("default", "1"), Placement("existing", "stable"), True))
    '{ to = "existing/stable", target = true }'
    """
    place = rule.place
    if place.skip:
        return toml_value(SKIP)
    line: dict[str, Any] = {"to": _path(place)}
    if place.passed:
        line["after"] = UNKNOWN if place.passed == UNKNOWN_PROGRESS else place.passed
    if place.otherwise:
        line["without_contract"] = _path(place.otherwise)
    line |= {"close_date": "end"} if place.due else {}
    line |= {name: True for name in ("bought",) if place.bought}
    line |= {"target": True} if rule.target else {}
    return toml_value(line if len(line) > 1 else line["to"])


def _path(place: Placement) -> str:
    """A place as lines name it."""
    return f"{place.pipeline}/{place.stage}" if place.stage else place.pipeline


def line_text(rule: StageRule) -> str:
    """A rule as its line."""
    return f"{toml_value(stage_key(*rule.theirs))} = {stage_text(rule)}"


def proposed_table(
    found: Proposal, pipelines: Sequence[TheirPipeline], language: Language, heading: Label
) -> str:
    """The table as text; what is open stands in it as comments. It needs one stage with a place."""
    lines = [
        f"# {_said(heading.of(language))}",
        "[hubspot]",
        f"every_seconds = 0    # {_ONLY_BY_COMMAND.of(language)}",
        f"push = false         # {_NOTHING_WRITTEN.of(language)}",
        "",
        "[hubspot.fields]",
        *_aligned(_field_lines(found.fields, language)),
        "",
        "[hubspot.stages]",
        *stage_lines(found, pipelines, language),
    ]
    return "\n".join(lines) + "\n"


def _field_lines(fields: Iterable[FieldGuess], language: Language) -> Iterator[tuple[str, str]]:
    """What fills the fields, and what could."""
    for guess in fields:
        if guess.field == "ends_on" and not (guess.taken or guess.candidates):
            yield '# ends_on = ""', _END.of(language)
        if guess.taken:
            yield f"{guess.field} = {toml_value(guess.taken.name)}", _comment(guess.taken)
        elif guess.candidates:
            names = ", ".join(p.shown for p in guess.candidates[:4])
            yield f'# {guess.field} = ""', _COULD_BE.filled(names=names).of(language)


def _comment(taken: Offered) -> str:
    """What people call a property, where that is something else than its name."""
    return "" if taken.called == taken.name else taken.called


def stage_lines(
    found: Proposal, pipelines: Iterable[TheirPipeline], language: Language
) -> Iterator[str]:
    """The lines of stages by pipeline, each with what it is called there."""
    rules = {rule.theirs: rule for rule in found.stages.rules}
    for pipeline in pipelines:
        placed = [(rules.get((pipeline.id, stage.id)), stage) for stage in pipeline.stages]
        if not any(rule for rule, _ in placed):
            yield f"# {_said(_LEFT_OUT.filled(pipeline=pipeline.label).of(language))}"
            continue
        yield f"# {_said(pipeline.label)}"
        yield from _aligned(_stage_line(pipeline, *each, language) for each in placed)


def _stage_line(
    pipeline: TheirPipeline, rule: StageRule | None, stage: TheirStage, language: Language
) -> tuple[str, str]:
    """One stage's line and its comment."""
    if rule is not None:
        return line_text(rule), stage.label
    key = toml_value(stage_key(pipeline.id, stage.id))
    return f'# {key} = ""', _NO_PLACE.filled(stage=stage.label).of(language)


def _aligned(lines: Iterable[tuple[str, str]]) -> list[str]:
    """Lines with their comments one below the other."""
    made = list(lines)
    width = max((len(line) for line, _ in made), default=0)
    return [f"{line.ljust(width)}    # {_said(said)}" if said else line for line, said in made]


def _said(text: str) -> str:
    """Words as a comment of one line."""
    return printable(without_secrets(" ".join(text.split())))


def with_table(text: str, table: str) -> str:
    """A file's text with the table before what belongs to the machine, else at its end; its line
    ends are those of the file."""
    at = _place_in(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    before, after = text[:at], text[at:]
    if before and not before.endswith("\n"):
        before += newline
    gap = newline if before and not before.endswith(newline * 2) else ""
    return before + gap + table.replace("\n", newline) + (newline if after else "") + after


def _place_in(text: str) -> int:
    """Where the remarks above `[machine]` begin; the end where there is no such table."""
    found = _MACHINE.search(text)
    if found is None:
        return len(text)
    at = text.rfind("\n", 0, found.start() + len(found[0]) - len(found[0].lstrip())) + 1
    while at > 0:
        start = text.rfind("\n", 0, at - 1) + 1
        if not text[start:at].lstrip().startswith("#"):
            break
        at = start
    return at
