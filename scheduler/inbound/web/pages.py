"""What each page does: read the link, look at the deal, act if it was a POST, choose the words.

Always holds: only a POST changes anything, and the same POST counts once; whoever comes is taken
for the person whom the link names, who may act only while they have a say in the deal; if its owner
has changed since they opened the page, they are told so before their answer counts; whatever is
refused is explained in that person's language; a forged link learns nothing.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, Protocol

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.offers import OFFERS, Offer, offers_for
from scheduler.core.answers.refusals import (
    AnsweredError,
    AnswerRefusedError,
    ClosedError,
    GoneError,
    MovedError,
    NotAllowedError,
    TakenBackError,
    UndoneError,
    closed,
)
from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.authority import Authority, authority
from scheduler.core.deal.formats import long_day
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.facts.nudge_facts import plain
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language, Pace
from scheduler.inbound.links import (
    ANSWER,
    LESS,
    UNDO,
    ExpiredLinkError,
    ForgedLinkError,
    Link,
    SignedLinks,
)
from scheduler.inbound.web.deal_view import deal_view, what_next
from scheduler.inbound.web.forms import BASIS, Form, Typed
from scheduler.inbound.web.page_words import Visit, act_words, addressed, details, instant
from scheduler.inbound.web.texts import PACE_NOTES, said, texts
from scheduler.ports import Begin, Clock
from scheduler.services.answers.answering import (
    AnsweringTransaction,
    Recorded,
    answer_nudge,
    undo_answer,
)
from scheduler.services.answers.calendar_feed import FeedStore
from scheduler.services.answers.linked import LinkedNudge, LinkedStore, send_fresh

_REQUEST = re.compile(r"[A-Za-z0-9_-]{16,64}")
ONE_CLICK = "List-Unsubscribe"
_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(("tag", "title", "undo", "notice", "person"), ""),
    **dict.fromkeys(("lines_said", "rows", "offers"), ()),
    "n": None,
    "fresh": False,
}
"""Every part of a page, with nothing in it."""


class PageRenderer(Protocol):
    """Turns a page's facts into HTML."""

    def page(self, name: str, facts: Mapping[str, Any], language: Language) -> str:
        """The page from the template of that name."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered: an HTTP status and a page."""

    status: int
    html: str


class _ExplainedError(Exception):
    """Nothing can be done here, and why."""

    def __init__(self, status: int, name: str, language: Language, **more: Any) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.language = language
        self.more = more


@dataclass(frozen=True, slots=True)
class AnswerPages:
    """The pages behind links."""

    store: LinkedStore
    feeds: FeedStore
    answering: Begin[AnsweringTransaction]
    policy: Callable[[], Policy]
    links: SignedLinks
    clock: Clock
    renderer: PageRenderer
    configured: Collection[ChannelName]

    def show_answer(self, token: str, language: Language) -> Page:
        """The form of an answer, or why there is none."""
        return self._guarded(lambda: self._shown(self._visit(ANSWER, token, language)), language)

    def take_answer(self, token: str, typed: Typed, language: Language) -> Page:
        """Records an answer, or sends a fresh link where the old one has expired."""
        if typed.get("do") == "fresh":
            return self._guarded(lambda: self._fresh(token, language), language)
        return self._guarded(
            lambda: self._taken(self._visit(ANSWER, token, language), typed), language
        )

    def show_undo(self, token: str, language: Language) -> Page:
        """Asks whether an answer is to be taken back."""
        return self._guarded(
            lambda: self._standing(self._visit(UNDO, token, language), "undo_ask"), language
        )

    def take_undo(self, token: str, language: Language) -> Page:
        """Takes an answer back."""
        return self._guarded(lambda: self._undone(self._visit(UNDO, token, language)), language)

    def show_less(self, token: str, language: Language) -> Page:
        """How often the person hears, to choose from."""
        return self._guarded(lambda: self._paces(*self._reader_of(token, language)), language)

    def take_less(self, token: str, typed: Typed, language: Language) -> Page:
        """Changes how often the person hears; a mail program's one click (RFC 8058) means once a
        week."""
        return self._guarded(
            lambda: self._pace_taken(*self._reader_of(token, language), typed), language
        )

    def show_deal(self, token: str, language: Language) -> Page:
        """A deal as it stands, for whoever follows the link back from its record elsewhere; there
        is nothing to answer."""
        return self._guarded(lambda: self._deal(token, language), language)

    def _deal(self, token: str, language: Language) -> Page:
        """The page of a deal. Raises ForgedLinkError, _ExplainedError."""
        deal, policy = self.store.deal(self.links.deal_of(token)), self.policy()
        if deal is None or deal.pipeline not in policy.pipelines:
            raise _gone(language)
        view = deal_view(deal, policy, self.clock.now(), language)
        return self._page(200, "said", language, view)

    def explain(self, status: int, name: str, language: Language, /, **more: Any) -> Page:
        """A page that says one thing; `more` are facts of its texts and further parts of the
        page."""
        words = {k: v for k, v in more.items() if isinstance(v, str)}
        parts = {
            "title": said(name, language, **words),
            "lines_said": [said(f"{name}_text", language, **words)],
            **{k: v for k, v in more.items() if k not in words},
        }
        return self._page(status, "said", language, parts)

    def _page(
        self, status: int, template: str, language: Language, facts: Mapping[str, Any]
    ) -> Page:
        """A page from a template, every part of it there."""
        facts = {**_EMPTY, "t": texts(language), **facts}
        return Page(status, self.renderer.page(template, facts, language))

    def _guarded(self, page: Callable[[], Page], language: Language) -> Page:
        """The page, or the one that explains why there is none."""
        try:
            return page()
        except ForgedLinkError:
            return self.explain(400, "forged", language)
        except ExpiredLinkError as error:
            person = self.store.linked_person(error.link.person_id)
            if person is not None:
                language = self.policy().language_of(person)
            return self.explain(410, "expired", language, fresh=bool(error.link.nudge))
        except _ExplainedError as error:
            return self.explain(error.status, error.name, error.language, **error.more)

    def _visit(self, use: str, token: str, language: Language) -> Visit:
        """Who comes about what. Raises ForgedLinkError, ExpiredLinkError, _ExplainedError."""
        link, policy, now = self.links.read(use, token), self.policy(), self.clock.now()
        person = self._person(link, language)
        language = policy.language_of(person)
        looked = self.store.look(link.nudge)
        if looked is None or looked.deal.pipeline not in policy.pipelines:
            raise _gone(language)
        found = self._authority(person, looked, policy, now)
        return Visit(person, language, looked, link, policy, now, found)

    def _authority(
        self, person: Person, looked: LinkedNudge, policy: Policy, now: datetime
    ) -> Authority:
        """How far the person's say goes. Raises _ExplainedError for somebody who has none."""
        found = authority(
            person, looked.deal, local_day(now, zone_of(looked.deal, policy)), looked.nudge.key
        )
        if found is Authority.NONE:
            raise _not_yours(policy.language_of(person))
        return found

    def _person(self, link: Link, language: Language) -> Person:
        """The person a link names, if they are still here."""
        person = self.store.linked_person(link.person_id)
        if person is None or not person.active:
            raise _ExplainedError(
                403, "inactive", self.policy().language_of(person) if person else language
            )
        return person

    def _shown(
        self,
        visit: Visit,
        typed: Typed | None = None,
        errors: Mapping[Asked, Label] | None = None,
        notice: str = "",
    ) -> Page:
        """The form, or what stands in its way."""
        offer = OFFERS.get(visit.link.what)
        offered = offers_for(visit.deal, visit.looked.nudge.milestone, visit.policy)
        if offer is None:
            raise ForgedLinkError
        if offered == (OFFERS["undo"],) or offer.id == "undo":
            return self._standing(visit, "closed")
        facts = visit.facts(visit.looked)
        if not facts:
            return self.explain(410, "moved", visit.language)
        if offer not in offered:
            words = {"offer": offer.label.of(visit.language)}
            return self.explain(
                409,
                "not_now",
                visit.language,
                n=facts,
                offers=self._others(visit, offered, offer),
                **words,
            )
        form = Form.at(offer, visit.deal, visit.policy, visit.language, visit.now)
        answered = (
            said("answered", visit.language, what=facts["answered"]) if facts["answered"] else ""
        )
        view = {
            "n": facts,
            "notice": " ".join(filter(None, dict.fromkeys((notice or answered, visit.passed_on)))),
            "fields": form.fields(typed, errors),
            "offer": {"label": offer.label.of(visit.language), "style": offer.style},
            "send": said("send", visit.language, offer=offer.label.of(visit.language)),
            "who": said("answer_as", visit.language, name=visit.person.name),
            "offers": self._others(visit, offered, offer),
            "hidden": {
                "request": token_urlsafe(18),
                "read_at": visit.now.isoformat(),
                "owner": visit.owner,
                **({BASIS: form.basis} if form.basis else {}),
            },
        }
        return self._page(422 if errors else 409 if notice else 200, "answer", visit.language, view)

    def _others(self, visit: Visit, offered: Collection[Offer], but: Offer) -> list[dict[str, str]]:
        """The other things that can be answered, each with its own link."""
        urls = self.links.answers(
            visit.person.id, visit.link.nudge, [o.id for o in offered if o is not but]
        )
        return [
            {
                "label": OFFERS[name].label.of(visit.language),
                "url": f"../a/{url.rpartition('/')[2]}",
            }
            for name, url in urls.items()
        ]

    def _taken(self, visit: Visit, typed: Typed) -> Page:
        """Records what was typed."""
        offer, request = OFFERS.get(visit.link.what), typed.get("request", "")
        if offer is None or offer.id == "undo" or not _REQUEST.fullmatch(request):
            return self._shown(visit, typed, {}, said("again", visit.language))
        if visit.passed_on and typed.get("owner", visit.owner) != visit.owner:
            return self._shown(visit, typed, {}, visit.passed_on)
        form = Form.at(offer, visit.deal, visit.policy, visit.language, visit.now)
        if (followed := form.followed(typed, typed.get(BASIS, ""))) is not None:
            return self._shown(visit, followed, {}, said("contract_changed", visit.language))
        answer, errors = form.read(typed, visit.person, f"mail:{visit.person.id}:{request}")
        if errors:
            return self._shown(visit, typed, errors)
        try:
            recorded = answer_nudge(
                self.answering,
                visit.link.nudge,
                answer,
                visit.policy,
                visit.now,
                instant(typed.get("read_at", "")),
            )
        except NotAllowedError:
            raise _not_yours(visit.language) from None
        except (AnsweredError, TakenBackError) as error:
            visit = replace(visit, looked=self.store.look(visit.link.nudge) or visit.looked)
            refused = plain(error.label.alone(visit.language))
            notice = said("meanwhile", visit.language, refused=refused)
            return self._shown(visit, typed, {}, notice)
        except ClosedError:
            return self._standing(visit, "closed")
        except MovedError:
            return self.explain(410, "moved", visit.language)
        except AnswerRefusedError as error:
            field = form.beside(error, typed)
            errors = {field: error.label} if field else {}
            notice = "" if field else error.label.alone(visit.language)
            return self._shown(visit, typed, errors, notice)
        except MoveRefusedError as error:
            return self._shown(visit, typed, {}, error.label.alone(visit.language))
        return (
            self._standing(visit, "already")
            if recorded is None
            else self._done(visit, offer, answer, recorded)
        )

    def _done(self, visit: Visit, offer: Offer, answer: Answer, recorded: Recorded) -> Page:
        """What was recorded, and how to take it back."""
        after, language = recorded.answered.deal, visit.language
        rows = [(said("answer", language), offer.label.of(language)), *details(answer, visit)]
        rows += [
            (
                said("stage", language),
                visit.policy.pipeline(after.pipeline).stage(m.to_stage).label.of(language),
            )
            for m in recorded.answered.moves
        ]
        following = recorded.answered.successor
        if following is not None:
            end = long_day(following.ends_on, language) if following.ends_on else "—"
            rows.append(
                (said("next_term", language), f"{long_day(following.starts_on, language)} – {end}")
            )
        else:
            rows += what_next(after, visit.policy, visit.now, language)
        undo = self.links.token(UNDO, Link(visit.person.id, visit.link.nudge, str(recorded.number)))
        facts = visit.facts(visit.looked)
        about = [addressed(str(facts["customer"]), language)] if facts else []
        about += (
            [recorded.answered.means.of(language)] if recorded.answered.means is not None else []
        )
        view = {
            "tag": said("done_tag", language),
            "title": said("done", language),
            "lines_said": about,
            "rows": rows,
            "undo": undo,
        }
        return self._page(200, "said", language, view)

    def _standing(self, visit: Visit, name: str) -> Page:
        """How the deal stands, on the page `name` ("undo_ask" asks whether to take an answer back):
        what was recorded last, by whom, and whether that can be taken back."""
        looked = self.store.look(visit.link.nudge) or visit.looked
        act, language, asked = looked.act, visit.language, name == "undo_ask"
        stage = visit.policy.pipeline(looked.deal.pipeline).find(looked.deal.stage)
        words = {"stage": stage.label.of(language) if stage else looked.deal.stage}
        undo = ""
        if act is not None:
            words |= {
                "what": act_words(act, looked.deal, language),
                "name": act.name,
                "on": visit.on(act.at),
            }
            number = "" if act.answer_id is None else str(act.answer_id)
            free = not act.successor_taken and act.undo_first is None
            if free and (not asked or number == visit.link.what):
                undo = self.links.token(UNDO, Link(visit.person.id, visit.link.nudge, number))
        if asked and not undo:
            reason = UndoneError().label.alone(language)
            return self.explain(409, "undo_refused", language, reason=reason)
        over = closed(looked.deal, visit.policy) or UndoneError()
        lines = [said(f"{name}_text", language, reason=over.label.alone(language), **words)]
        if act is not None and not asked:
            lines.append(said("last_act", language, **words))
        view = {"title": said(name, language), "lines_said": lines, "undo": undo}
        return self._page(200, "said", language, {**view, "n": visit.facts(looked) or None})

    def _undone(self, visit: Visit) -> Page:
        """Takes back the answer that the link names."""
        number = int(visit.link.what) if visit.link.what.isdecimal() else None
        try:
            act = undo_answer(
                self.answering, visit.link.nudge, number, visit.person, visit.policy, visit.now
            )
        except AnswerRefusedError as error:
            return self.explain(
                409, "undo_refused", visit.language, reason=error.label.alone(visit.language)
            )
        after = self.store.look(visit.link.nudge) or visit.looked
        offers = self._offers_of(visit, after)
        return self.explain(
            200,
            "undone",
            visit.language,
            offers=offers,
            what=act_words(act, act.deal, visit.language),
        )

    def _offers_of(self, visit: Visit, looked: LinkedNudge) -> list[dict[str, str]]:
        """What can be answered now."""
        offered = offers_for(looked.deal, looked.nudge.milestone, visit.policy)
        return self._others(visit, [o for o in offered if o.id != "undo"], OFFERS["undo"])

    def _fresh(self, token: str, language: Language) -> Page:
        """Sends a fresh link to the person an expired one names."""
        try:
            link = self.links.read(ANSWER, token)
        except ExpiredLinkError as error:
            link = error.link
        person, policy = self._person(link, language), self.policy()
        looked, language = self.store.look(link.nudge), policy.language_of(person)
        if looked is None:
            raise _gone(language)
        self._authority(person, looked, policy, self.clock.now())
        sent = send_fresh(
            self.store, person, link.nudge, policy, self.configured, self.links, self.clock.now()
        )
        status, name = (200, "fresh_sent") if sent else (429, "fresh_not")
        return self.explain(status, name, language)

    def _reader_of(self, token: str, language: Language) -> tuple[Person, Language]:
        """Whom the link is for, and their language."""
        person = self._person(self.links.read(LESS, token), language)
        return person, self.policy().language_of(person)

    def _paces(self, person: Person, language: Language, error: str = "") -> Page:
        """The choice."""
        options = [
            {
                "value": p.value,
                "label": p.label.alone(language),
                "text": note.of(language),
                "chosen": p is person.pace,
            }
            for p, note in PACE_NOTES.items()
        ]
        view = {
            "title": said("less", language),
            "lines_said": [said("less_lead", language, name=person.name)],
            "options": options,
            "error": error,
        }
        return self._page(422 if error else 200, "less", language, view)

    def _pace_taken(self, person: Person, language: Language, typed: Typed) -> Page:
        """What was chosen counts from now on."""
        wished = Pace.WEEKLY.value if typed.get(ONE_CLICK) == "One-Click" else typed.get("pace", "")
        pace = next((p for p in Pace if p.value == wished), None)
        if pace is None:
            return self._paces(person, language, said("less_choose", language))
        self.store.set_pace(person.id, pace)
        lines = [said("less_done_text", language), said("less_note", language)]
        title = said("less_done", language, pace=pace.label.of(language))
        return self._page(200, "said", language, {"title": title, "lines_said": lines})


def _not_yours(language: Language) -> _ExplainedError:
    """Somebody who has no say."""
    reason = NotAllowedError().label.alone(language)
    return _ExplainedError(403, "not_yours", language, reason=reason)


def _gone(language: Language) -> _ExplainedError:
    """Nothing that can be looked at any more."""
    return _ExplainedError(410, "gone", language, reason=GoneError().label.alone(language))
