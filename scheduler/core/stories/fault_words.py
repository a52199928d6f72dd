"""A story's faults as a person reads them: the day, what came and why, what should have come and
what is known about it.

Always holds: one language at a time; if a rule of the configuration decided, the text names its
file and line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from scheduler.core.config.toml.lines import key_lines
from scheduler.core.config.toml.syntax import NotToml, read_toml
from scheduler.core.deal.deal import AUTO_RENEWAL, CALL_REVIEW, ENDED, EXPECTED
from scheduler.core.deal.formats import near_day
from scheduler.core.stories.judging import StoryFault
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.reasons import word

NOBODY = Label("nobody is told anything")
_CAME, _SHOULD = Label("came"), Label("should")
_LINE = Label("line {}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = Label("all of it")


def origins(text: str, file: str) -> Mapping[str, str]:
    """By milestone, its place in the configuration, e.g. `config.toml:142 milestones[renewal_3m]`;
    with `+`, the place of the reminder settings."""
    raw = read_toml(text)
    if isinstance(raw, NotToml):
        return {}
    lines = key_lines(text.replace("\r\n", "\n"))
    found = {}
    for n, milestone in enumerate(raw.get("milestones", ())):
        if isinstance(milestone, dict) and isinstance(milestone.get("id"), str):
            found[milestone["id"]] = (
                f"{file}:{lines.get(('milestones', n), 0)} milestones[{milestone['id']}]"
            )
    attention, pipeline = lines.get(("attention",), 0), lines.get(("pipelines", 0), 0)
    found["+"] = f"{file}:{attention} [attention]"
    found |= dict.fromkeys((EXPECTED, CALL_REVIEW), found["+"]) | dict.fromkeys(
        (ENDED, AUTO_RENEWAL), f"{file}:{pipeline} [[pipelines]]"
    )
    return found


def told_of(
    faults: Iterable[StoryFault], language: Language, where: Mapping[str, str]
) -> Iterator[str]:
    """The faults of one story, a few lines each. `where`: as `origins` gives it."""
    for fault in faults:
        day = near_day(fault.on, date.min, language) if fault.on else _WHOLE.of(language)
        line = f"  {_LINE.of(language).format(fault.line)}" if fault.line else ""
        yield f"  {day}{line}  {fault.what.of(language)}"
        if not fault.came and not fault.should:
            continue
        width = max(len(_CAME.of(language)), len(_SHOULD.of(language)))
        for text, rule, because in fault.came or [(NOBODY.of(language), "", "")]:
            yield f"    {_CAME.of(language):{width}}  {text}{_why(rule, because, language, where)}"
        for text, hint in fault.should or [(NOBODY.of(language), "")]:
            yield f"    {_SHOULD.of(language):{width}}  {text}{_hinted(hint, language)}"


def _why(rule: str, because: str, language: Language, where: Mapping[str, str]) -> str:
    """The line that decided, and its reason."""
    milestone, _, step = rule.partition("+")
    places = [
        where[key] for key in (milestone, "+" if step and step != "0" else "") if key in where
    ]
    said = word(because, language) if because else ""
    parts = [part for part in (", ".join(dict.fromkeys(places)), said) if part]
    return f"   ← {': '.join(parts)}" if parts else ""


def _hinted(hint: str, language: Language) -> str:
    """When it came instead, or why it did not come."""
    if not hint:
        return ""
    if _ISO.fullmatch(hint):
        return Label("   (it came on {hint})", hint=hint).of(language)
    return f"   ← {word(hint, language)}"
