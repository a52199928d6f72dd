"""Tries a user's templates before they are used: each is rendered with nudges of every shape, in both languages, for every channel."""

from collections.abc import Mapping

from scheduler.core.words import ChannelName, Language
from scheduler.render.digest_samples import digests
from scheduler.render.renderer import TemplateRenderer
from scheduler.render.samples import messages
from scheduler.render.sandbox import ROOT

_FILES = ("subject.txt", "body.txt", "body.html", "slack.txt", "ask.txt", "opening.txt", "answer.txt")
DIGESTS = ("weekly", "team", "returned", "handover")
_CHANNELS = (ChannelName.SLACK, ChannelName.EMAIL)


def template_problems(shipped: Mapping[str, str], overlay: Mapping[str, str]) -> list[str]:
    """What is wrong with the user's templates, each with its file and line; empty when every message can be made from them."""
    if not overlay:
        return []
    renderer = TemplateRenderer(shipped, overlay)
    failures = {
        because: None
        for language in Language
        for kind, facts in (*messages(language, _names(shipped, overlay, language)), *digests(language))
        for channel in _CHANNELS
        for because in renderer.render(kind, facts, language, channel).fallback_because.split("; ")
        if because
    }
    return [*_unread(shipped, overlay), *failures]


def _names(shipped: Mapping[str, str], overlay: Mapping[str, str], language: Language) -> list[str]:
    """Every name a milestone's template may have."""
    paths = (path.split("/") for path in (*shipped, *overlay))
    return sorted({p[1] for p in paths if len(p) == 3 and p[0] == language} - {"bundle", "digest", "alert", "fresh_link", *DIGESTS})


def _unread(shipped: Mapping[str, str], overlay: Mapping[str, str]) -> list[str]:
    """Files that no message and no other template is made from."""
    named = set().union(*({path for path in overlay if f'"{path}"' in text} for text in (*overlay.values(), *shipped.values())))
    languages = {language.value for language in Language}
    problems = []
    for path in overlay:
        parts = path.split("/")
        used = path in shipped or path in named or (len(parts) == 3 and parts[0] in languages and parts[2] in _FILES)
        if not used:
            problems.append(f"{ROOT}{path}: nothing is made from this file; a template is <ja|en>/<name>/<{'|'.join(_FILES)}>")
    return problems
