"""Tries a user's templates before they are used: each is rendered with nudges of every shape, in
both languages, for every channel."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from scheduler.core.config.mistakes import unknown
from scheduler.core.config.rules.milestones import RESERVED_TEMPLATES
from scheduler.core.deal.deal import SYSTEM_MILESTONES
from scheduler.core.messages.channels import CHANNELS
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import Problem
from scheduler.render.digest_samples import digests
from scheduler.render.renderer import TemplateRenderer
from scheduler.render.samples import messages
from scheduler.render.sandbox import ROOT

_FILES = (
    "subject.txt",
    "body.txt",
    "body.html",
    "slack.txt",
    "ask.txt",
    "opening.txt",
    "answer.txt",
)
DIGESTS = ("weekly", "team", "returned", "handover")
_CHANNELS = {rule.form: name for name, rule in CHANNELS.items() if rule.leaves}.values()
"""One of each form."""
_BECAUSE = re.compile(rf"({re.escape(ROOT)}[^:]+)(?::(\d+))?: (.*)", re.DOTALL)
_UNKNOWN = re.compile(r"nothing is known as (\w+)(?: \(did you mean (\w+)\?\))?")
_FORM = f"<{'|'.join(Language)}>/<name>/<{'|'.join(_FILES)}>"
_DEEP = 3
_NOTHING = Label("nothing is made from this file; a template is {form}", form=_FORM)


def template_problems(shipped: Mapping[str, str], overlay: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the user's templates, each with its file and line; empty when every
    message can be made from them."""
    if not overlay:
        return []
    renderer = TemplateRenderer(shipped, overlay)
    failures = {
        because: None
        for language in Language
        for kind, facts in _messages(shipped, overlay, language)
        for channel in _CHANNELS
        for because in renderer.render(kind, facts, language, channel).fallback_because.split("; ")
        if because
    }
    return [*_unread(shipped, overlay), *map(_problem, failures)]


def texts_of_nobody(
    shipped: Mapping[str, str], overlay: Mapping[str, str], policy: Policy
) -> list[Problem]:
    """The user's texts for milestones that the policy does not have, each with the id that was
    probably meant; they are in nobody's way, so an edit may come into force with them."""
    named = {name for m in policy.milestones for name in (m.template, m.id, *m.was) if name}
    known = {*named, *SYSTEM_MILESTONES, *RESERVED_TEMPLATES, "default"}
    included = _named(shipped, overlay)
    languages = {language.value for language in Language}
    problems = []
    for path in overlay:
        parts = path.split("/")
        own = len(parts) == _DEEP and parts[0] in languages and parts[2] in _FILES
        if own and parts[1] not in known and path not in included:
            because = unknown(parts[1], [m.id for m in policy.milestones], Label("milestone"))
            said = Label("no message uses this text: {because}", because=because)
            problems.append(Problem(f"{ROOT}{path}", 0, "", said))
    return problems


def _messages(
    shipped: Mapping[str, str], overlay: Mapping[str, str], language: Language
) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The messages that the user's files can affect: those of the milestones whose folders hold
    them, or all where a file belongs to no single milestone."""
    own = [path.split("/") for path in overlay]
    everybodys = [p for p in own if len(p) != _DEEP or p[1] not in _milestones(shipped, overlay)]
    if everybodys:
        return (*messages(language, _names(shipped, overlay, language)), *digests(language))
    names = sorted({p[1] for p in own if p[0] == language})
    return messages(language, names) if names else ()


def _milestones(shipped: Mapping[str, str], overlay: Mapping[str, str]) -> set[str]:
    """Names of templates that only a milestone's own nudges use."""
    names = {name for language in Language for name in _names(shipped, overlay, language)}
    return {
        name
        for name in names
        if name not in RESERVED_TEMPLATES and name != "default" and not name.startswith("after_")
    }


def _problem(because: str) -> Problem:
    """What the renderer said of a template that failed, with its place."""
    match = _BECAUSE.fullmatch(because)
    file, line, what = (match[1], int(match[2] or 0), match[3]) if match else ("", 0, because)
    unknown = _UNKNOWN.fullmatch(what)
    if unknown is None:
        return Problem(file, line, "", Label("{what}", context="template", what=what))
    meant = (
        Label('did you mean "{close}"?', close=unknown[2])
        if unknown[2]
        else Label("the templates that came with the program show what there is")
    )
    said = Label("{what}", context="unknown name", what=what, name=unknown[1], meant=meant)
    return Problem(file, line, "", said)


def _names(shipped: Mapping[str, str], overlay: Mapping[str, str], language: Language) -> list[str]:
    """Every name a milestone's template may have."""
    paths = (path.split("/") for path in (*shipped, *overlay))
    return sorted(
        {p[1] for p in paths if len(p) == 3 and p[0] == language}
        - {"bundle", "digest", "alert", "fresh_link", *DIGESTS}
    )


def _unread(shipped: Mapping[str, str], overlay: Mapping[str, str]) -> list[Problem]:
    """Files that neither a message nor another template uses."""
    named = _named(shipped, overlay)
    languages = {language.value for language in Language}
    problems = []
    for path in overlay:
        parts = path.split("/")
        used = (
            path in shipped
            or path in named
            or (len(parts) == 3 and parts[0] in languages and parts[2] in _FILES)
        )
        if not used:
            problems.append(Problem(f"{ROOT}{path}", 0, "", _NOTHING))
    return problems


def _named(shipped: Mapping[str, str], overlay: Mapping[str, str]) -> set[str]:
    """The user's files that another template includes by their path."""
    return set().union(
        *(
            {path for path in overlay if f'"{path}"' in text}
            for text in (*overlay.values(), *shipped.values())
        )
    )
