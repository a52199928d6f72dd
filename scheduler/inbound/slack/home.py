"""The App Home: what waits for my answer, my renewals by urgency, my absences, and how often I
hear.

Always holds: within Slack's 100 blocks; it shows one person what they may answer for, and nothing
else.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import money, near_day
from scheduler.core.deal.people import Absence, Person
from scheduler.core.facts.nudge_facts import message_facts
from scheduler.core.facts.nudge_facts import plain as one_line
from scheduler.core.facts.tally import is_renewal, renews
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.labels import Joined, Label
from scheduler.core.words.lexicon import ChannelName, Language, Pace
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack.replies import LONGEST, Block, actions, plain, section
from scheduler.ports import Renderer
from scheduler.services.answers.worklist import (
    WorklistStore,
    by_urgency,
    facts_of_waiting,
    is_waiting,
)

BLOCKS_LIMIT = 100
LISTED, WAITING, LOOKED_AT, COUNTED = 20, 10, 200, 2_000
"""Renewals and questions that are shown, renewals among which the most urgent are looked for,
questions that are counted."""
_KEPT_FOR_THE_REST = 30
_TITLES = {
    "waiting": Label("Waiting for your answer"),
    "renewals": Label("Your renewals, the most urgent and valuable first"),
    "absences": Label("Your absences"),
    "pace": Label("How often you hear"),
}
_NOTHING_WAITS = Label("No questions are waiting for your answer.")
_NO_RENEWALS = Label("You have no open renewals.")
_NO_ABSENCES = Label("None.", context="home")
_ADD, _REMOVE = Label("Add an absence"), Label("Remove")
_PACE_NOTE = Label("Urgent messages always come at once, whichever you choose.")
MORE = Label("and {count} more")
_PROSPECTS = Label("in new business: {count}")


class Publisher(Protocol):
    """What is asked of Slack here."""

    def call(self, method: str, arguments: Mapping[str, Any]) -> str:
        """Calls a method; empty if it was carried out, else Slack's word for why not."""


class AppHome:
    """Makes and publishes App Homes."""

    def __init__(
        self, store: WorklistStore, workspace: Publisher, renderer: Callable[[], Renderer]
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._renderer = renderer

    def publish(
        self,
        person: Person,
        user: str,
        policy: Policy,
        language: Language,
        now: datetime,
        notice: Sequence[Block],
    ) -> str:
        """Shows `person` their home, under a notice; empty if Slack took it."""
        blocks = [*notice, *self._waiting(person, policy, language, now)][
            : BLOCKS_LIMIT - _KEPT_FOR_THE_REST
        ]
        blocks += [
            _header("renewals", language),
            *renewals(self._store, person, policy, language, now),
        ]
        today = local_day(now, policy.zone_of(person))
        blocks += _absences(person, today, language)
        blocks += _pace(person, language)
        return self.show_only(user, blocks)

    def show_only(self, user: str, blocks: Sequence[Block]) -> str:
        """Shows nothing but these blocks."""
        return self._workspace.call(
            "views.publish",
            {"user_id": user, "view": {"type": "home", "blocks": list(blocks)[:BLOCKS_LIMIT]}},
        )

    def _waiting(
        self, person: Person, policy: Policy, language: Language, now: datetime
    ) -> list[Block]:
        """What waits for an answer, with its buttons; one entry for each deal, as many whole ones
        as there is room for."""
        found = [
            (n, d)
            for n, d in self._store.waiting_for(person.id, COUNTED)
            if is_waiting(n, d, policy)
        ]
        newest = list({deal.id: (nudge, deal) for nudge, deal in reversed(found)}.values())
        first = {
            deal.id for deal in by_urgency([deal for _, deal in newest], policy, now)[:WAITING]
        }
        items = facts_of_waiting(
            [(n, d) for n, d in newest if d.id in first], policy, language, now
        )
        if not items:
            return [_header("waiting", language), section(_NOTHING_WAITS.of(language))]
        rendered = self._renderer().render(
            "nudges", message_facts(person.name, items), language, ChannelName.SLACK
        )
        blocks = [block for post in rendered.blocks for block in post]
        rest = (
            [section(MORE.of(language).format(count=len(newest) - len(items)))]
            if len(newest) > len(items)
            else []
        )
        return [_header("waiting", language), *blocks, *rest]


def renewals(
    store: WorklistStore, person: Person, policy: Policy, language: Language, now: datetime
) -> list[Block]:
    """A person's renewals, a whole line each, the most urgent first; those for which there is no
    room are counted, and so is new business."""
    deals = [
        d
        for d in store.renewals_of(person.id, LOOKED_AT)
        if _is_open(d, policy) and is_renewal(d, policy)
    ]
    lines = [
        line_of(deal, policy, language, now) for deal in by_urgency(deals, policy, now)[:LISTED]
    ]
    counts = store.open_of(person.id)
    renewing = sum(n for pipeline, n in counts.items() if renews(policy.pipelines.get(pipeline)))
    rest = [MORE.of(language).format(count=renewing - len(lines))] if renewing > len(lines) else []
    rest += (
        [_PROSPECTS.of(language).format(count=n)] if (n := sum(counts.values()) - renewing) else []
    )
    return [section(part) for part in [*(packed(lines) or [_NO_RENEWALS.of(language)]), *rest]]


def packed(lines: Sequence[str], longest: int = LONGEST) -> list[str]:
    """Lines put together into as few texts as there may be, none cut."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= longest:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return texts


def line_of(deal: Deal, policy: Policy, language: Language, now: datetime) -> str:
    """One renewal: who, days left, deadline, money, health."""
    contract = deal.contract
    today = local_day(now, zone_of(deal, policy))
    said = [f"*{escaped(one_line(contract.customer.name))}* `{escaped(one_line(contract.number))}`"]
    if contract.ends_on is not None:
        days = (contract.ends_on - today).days
        day = near_day(contract.ends_on, today, language)
        ends = (
            Label("ends {day}(in {days} days)", day=day, days=days)
            if days >= 0
            else Label("ended {day}({days} days ago)", day=day, days=-days)
        )
        said.append(ends.of(language))
    if contract.decide_by is not None and contract.decide_by >= today:
        day = near_day(contract.decide_by, today, language)
        said.append(Label("deadline {day}", day=day).of(language))
    said += [text for text in (money(contract.amount), deal.health.label.alone(language)) if text]
    return "• " + Joined(said, Label(" | ")).of(language)


def _is_open(deal: Deal, policy: Policy) -> bool:
    stage = (
        policy.pipelines[deal.pipeline].find(deal.stage)
        if deal.pipeline in policy.pipelines
        else None
    )
    return stage is None or stage.is_open


def _absences(person: Person, today: date, language: Language) -> list[Block]:
    """What is to come, each to be removed, and a way to add one."""
    ahead = [a for a in person.absences if a.last_on >= today][:10]
    lines = [_absence(a, today, language) for a in ahead] or [section(_NO_ABSENCES.of(language))]
    add = {
        "type": "button",
        "action_id": "absence_add",
        "value": "add",
        "text": plain(_ADD.of(language)),
    }
    return [_header("absences", language), *lines, actions(add)]


def _absence(absence: Absence, today: date, language: Language) -> Block:
    """One absence with its button."""
    days = " – ".join(near_day(d, today, language) for d in (absence.first_on, absence.last_on))
    remove = {
        "type": "button",
        "action_id": "absence_remove",
        "value": str(absence.id),
        "text": plain(_REMOVE.of(language)),
    }
    return {**section(days), "accessory": remove}


def _pace(person: Person, language: Language) -> list[Block]:
    """How often the person hears."""
    options = {
        pace: {"text": plain(pace.label.alone(language)), "value": pace.value} for pace in Pace
    }
    menu = {
        "type": "static_select",
        "action_id": "pace",
        "options": list(options.values()),
        "initial_option": options[person.pace],
    }
    note = {"type": "context", "elements": [{"type": "mrkdwn", "text": _PACE_NOTE.of(language)}]}
    return [_header("pace", language), actions(menu), note]


def _header(name: str, language: Language) -> Block:
    return {"type": "header", "text": plain(_TITLES[name].of(language), 150)}
