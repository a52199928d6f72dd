"""Turns facts into words: the user's templates over the shipped ones, in one language for one
channel.

How a file is found: for a nudge `<language>/<name>/<file>`, where name is the milestone's template,
then its id, then those it had, then `default`; each file by itself, so that one may be replaced and
the rest stays. `ask.txt`, `opening.txt` and `answer.txt` are the sentences that `body.txt`,
`body.html` and `slack.txt` are built around; once a notice or an order has settled what a milestone
is about, those of `after_notice` or `after_order` come first, and for a manager or an admin to whom
an unanswered question has climbed, those of `climbed`. One nudge uses these; several become a
`bundle`; `digest` and `alert` stand for themselves.

Always holds: a user's template that fails in any way is replaced by the shipped one and
`fallback_because` says why; one that costs too much is not tried again (`given_up`); a subject
never sees a customer's health.
"""

import re
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError
from typing_extensions import override

from scheduler.core.deal.deal import PULSE
from scheduler.core.facts.nudge_facts import message_facts
from scheduler.core.messages.channels import CHANNELS, MessageForm
from scheduler.core.messages.posts import Block
from scheduler.core.reports.pictures import Chart
from scheduler.core.reports.team_forecast import forecast_picture
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.mrkdwn import escaped
from scheduler.ports import Picture, Rendered, Renderer
from scheduler.render.blocks import plain_text, posts_of
from scheduler.render.buttons import (
    buttons_of,
    labels_of,
    menu_of_all,
    placeholder_of,
    placeholder_of_all,
)
from scheduler.render.filters import filters
from scheduler.render.older import completed
from scheduler.render.sandbox import ROOT, Sandbox, TooMuchError

FORECAST = "forecast"
"""The name of the picture of a forecast."""
Drawing = Callable[[Chart, Language], bytes | None]
"""Draws a chart as a PNG; None where nothing can draw."""
_DEFAULT, _CLIMBED, _AFTER = "default", "climbed", "after_"
_SENTENCES = ("ask", "opening", "answer")
_DIGESTS = ("weekly", "team", "handover", "returned")
_HEALTH = ("health", "health_label", "health_because", "stage")
_IN_FULL = 20
_FAILURES = (Exception,)


class NoTemplateError(Exception):
    """There is no template for this kind of message, not even a shipped one."""


class TemplateRenderer(Renderer):
    """Renders. `shipped` and `overlay` map paths below `templates/messages`
    (`ja/default/slack.txt`) to texts; compiled templates are kept.

    `draw` makes a picture of a chart for a mail; where there is none, or it has none, the page
    draws bars by itself. `pressable`: somebody listens to Slack's buttons; without it messages
    there say which command answers.
    """

    def __init__(
        self,
        shipped: Mapping[str, str],
        overlay: Mapping[str, str] | None = None,
        *,
        pressable: bool = False,
        draw: Drawing | None = None,
    ) -> None:
        self.pressable, self.draw = pressable, draw
        self._shipped = dict(shipped)
        self._overlay = dict(overlay or {})
        self._all = self._shipped | self._overlay
        self._boxes: dict[tuple[Language, str, bool], Sandbox] = {}
        self.given_up: dict[str, str] = {}

    @override
    def render(
        self, kind: str, facts: Mapping[str, Any], language: Language, channel: ChannelName
    ) -> Rendered:
        """The message of `kind` (`nudges`, `digest`, `alert`). Raises NoTemplateError for a kind
        that nobody has written."""
        return _Rendering(self, language).message(kind, facts, channel)

    def box(self, language: Language, form: str, *, shipped: bool) -> Sandbox:
        """The environment for a language and a form (`text`, `html`, `slack`)."""
        key = (language, form, shipped)
        if key not in self._boxes:
            sources = self._shipped if shipped else self._all
            self._boxes[key] = Sandbox(sources, filters(language), escape=form != "text")
        return self._boxes[key]

    def find(self, language: Language, names: Sequence[str], file: str, *, shipped: bool) -> str:
        """The path of the first of `names` that has `file`."""
        sources = self._shipped if shipped else self._all
        found = next((p for n in names if (p := f"{language}/{n}/{file}") in sources), None)
        if found is None:
            raise NoTemplateError(f"no template {ROOT}{language}/{names[0]}/{file}")
        return found

    @property
    def has_overlay(self) -> bool:
        """Whether anything of the user's may take part in rendering."""
        return bool(self._overlay)


class _Rendering:
    """One message being rendered; collects why shipped templates stood in."""

    def __init__(self, templates: TemplateRenderer, language: Language) -> None:
        self._templates = templates
        self._language = language
        self._because: list[str] = []

    def message(self, kind: str, facts: Mapping[str, Any], channel: ChannelName) -> Rendered:
        is_post = CHANNELS[channel].form is MessageForm.POST
        names, context = self._prepared(kind, facts, is_post=is_post)
        subject = " ".join(
            self._text(names, "subject.txt", "text", _without_health(context)).split()
        )
        if is_post:
            said = (
                self._text(names, "slack.txt", "slack", context)
                .replace("&#34;", '"')
                .replace("&#39;", "'")
            )
            pressed, labels = self._pressed(context)
            said += "".join(f"\n\n*{title}*\n\n{mark}" for mark, title in _forgotten(said, context))
            order = tuple(n["nudge"] for n in context["items"] if n.get("nudge"))
            text, posts = plain_text(_read(said, labels)), posts_of(said, pressed)
            return Rendered(
                subject, text, blocks=posts, fallback_because="; ".join(self._because), order=order
            )
        text = (
            re.sub(r"\n{3,}", "\n\n", self._text(names, "body.txt", "text", context)).strip() + "\n"
        )
        pictures = self._pictures(context)
        html = self._text(names, "body.html", "html", context | {"pictures": [*pictures]})
        return Rendered(
            subject,
            text,
            html,
            fallback_because="; ".join(self._because),
            pictures=tuple(p for name, p in pictures.items() if f"cid:{name}" in html),
        )

    def _pictures(self, context: Mapping[str, Any]) -> dict[str, Picture]:
        """The pictures that a page can show, by name."""
        forecast, draw = context.get("forecast"), self._templates.draw
        png = draw(forecast_picture(forecast), self._language) if forecast and draw else None
        return {FORECAST: Picture(FORECAST, png)} if png else {}

    def _prepared(
        self, kind: str, facts: Mapping[str, Any], *, is_post: bool
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The names to look under and the facts with their sentences. In a mail what comes after
        the first nudges is `more`, for a short table."""
        context: dict[str, Any] = {
            "recipient": "",
            "base_url": "",
            "less_url": "",
            "items": (),
            "pictures": (),
            "lang": self._language.value,
        } | dict(facts)
        arranged = message_facts(context["recipient"], context["items"], context["base_url"])
        pressable = is_post and self._templates.pressable
        nudges = [
            self._with_sentences(item) | {"buttons": placeholder_of(item) if pressable else ""}
            for item in arranged["items"]
        ]
        most = len(nudges) if is_post else _IN_FULL
        context |= {
            "recipient": arranged["recipient"],
            "items": nudges,
            "count": facts.get("count", len(nudges)),
            "deadline_on": _first_deadline(nudges),
        }
        context |= {
            "groups": _by_customer(nudges[:most]),
            "more": nudges[most:],
            "slash": pressable,
        }
        context["asking"] = any(n["asks"] for n in nudges)
        context["pulses"] = all(n["milestone"] == PULSE for n in nudges)
        context["more_contracts"] = len(_numbers(nudges[most:]) - _numbers(nudges[:most]))
        if kind != "nudges":
            return (kind,), completed(context) if kind in _DIGESTS else context
        if len(nudges) != 1:
            return ("bundle",), context | {"count": len(_numbers(nudges))}
        return _names(nudges[0]), context | {"n": nudges[0]}

    def _pressed(
        self, context: Mapping[str, Any]
    ) -> tuple[dict[str, tuple[Block, ...]], dict[str, str]]:
        """What can be pressed, by its mark in the text, and how that reads where nothing can be
        pressed."""
        nudges, language = context["items"], self._language
        open_ones = [n for n in nudges if n["buttons"]]
        pressed: dict[str, tuple[Block, ...]] = {
            n["buttons"]: (buttons_of(n, language, compact=len(nudges) > 1),) for n in open_ones
        }
        pressed |= {
            g["all"]: (menu_of_all(g["nudges"], language),) for g in context["groups"] if g["all"]
        }
        labels: dict[str, str] = {n["buttons"]: labels_of(n) for n in open_ones}
        return pressed, labels | {g["all"]: "" for g in context["groups"] if g["all"]}

    def _with_sentences(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The nudge with its opening line, what is asked and how to answer."""
        first = (
            (_AFTER + item["received"],)
            if item["received"]
            else (_CLIMBED,)
            if item["climbed"]
            else ()
        )
        names = (*first, *_names(item))
        said = {
            s: " ".join(self._text(names, f"{s}.txt", "text", {"n": item}).split())
            for s in _SENTENCES
        }
        return {**item, **said, "ask": item["ask"] or said["ask"]}

    def _text(self, names: Sequence[str], file: str, form: str, context: Mapping[str, Any]) -> str:
        """One file's output: the user's, or the shipped one if that fails."""
        templates, language = self._templates, self._language
        path = templates.find(language, names, file, shipped=False)
        try:
            if path not in templates.given_up:
                return templates.box(language, form, shipped=False).run(path, context)
            self._because.append(templates.given_up[path])
        except _FAILURES as error:
            if not templates.has_overlay:
                raise
            self._because.append(_where(error, path, {*context, *context.get("n", ())}))
            if isinstance(error, TooMuchError):
                templates.given_up[path] = self._because[-1]
        return templates.box(language, form, shipped=True).run(
            templates.find(language, names, file, shipped=True), context
        )


def _names(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a nudge's templates are looked for."""
    return tuple(
        dict.fromkeys((item["template"], item["milestone"], *item.get("formerly", ()), _DEFAULT))
    )


def _without_health(context: Mapping[str, Any]) -> dict[str, Any]:
    """What a subject may say."""

    def bare(item: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in item.items() if k not in _HEALTH}

    kept = {k: v for k, v in context.items() if k not in ("groups", "more")} | {
        "items": [bare(i) for i in context["items"]]
    }
    return kept | {"n": bare(context["n"])} if "n" in context else kept


def _numbers(nudges: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """The contracts that the nudges are about, each once however many nudges it has."""
    return {(n["customer"], n["number"]) for n in nudges}


def _by_customer(nudges: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The nudges grouped by customer, in the order of each one's most urgent."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for nudge in nudges:
        groups.setdefault(nudge["customer"], []).append(nudge)
    return [
        {
            "customer": customer,
            "nudges": members,
            "all": placeholder_of_all(members) if any(n["buttons"] for n in members) else "",
        }
        for customer, members in groups.items()
    ]


def _forgotten(said: str, context: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The marks that a user's template does not mention, each with a title."""
    return [
        (n["buttons"], escaped(f"{n['customer']} {n['label']}"))
        for n in context["items"]
        if n["buttons"] and n["buttons"] not in said
    ]


def _read(said: str, labels: Mapping[str, str]) -> str:
    """The text with the answers' names in the place of what can be pressed."""
    for mark, label in labels.items():
        said = said.replace(mark, label)
    return said


def _first_deadline(nudges: Sequence[Mapping[str, Any]]) -> str | None:
    """The earliest day by which something has to be decided."""
    return min((n["deadline_on"] for n in nudges if n["deadline_on"]), default=None)


def _where(error: Exception, path: str, known: Iterable[str]) -> str:
    """The user's template, the line and the reason."""
    if isinstance(error, TemplateSyntaxError):
        return f"{ROOT}{error.name or path}:{error.lineno}: {error.message}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(ROOT)]
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ROOT + path
    if isinstance(error, TemplateNotFound):
        return f"{place}: there is no template {error.name} to include"
    unknown = (
        re.search(r"has no attribute '(\w+)'|'(\w+)' is undefined", str(error))
        if isinstance(error, UndefinedError)
        else None
    )
    if unknown is None:
        return f"{place}: {error or type(error).__name__}"
    name = unknown[1] or unknown[2]
    near = get_close_matches(name, known, 1)
    return f"{place}: nothing is known as {name}" + (f" (did you mean {near[0]}?)" if near else "")
