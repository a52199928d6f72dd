"""What was said of a deal before, and must not be replaced or given twice by somebody who may not
have read it.

Always holds: nothing that a colleague said meanwhile is replaced in silence; the same closing given
twice never closes the next term, nor does any that does not name it before it has begun.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.core.answers.answer import Answer, kept_words
from scheduler.core.answers.refusals import AnsweredError, AnswerRefusedError
from scheduler.core.answers.verbs import VERBS
from scheduler.core.answers.why import SAYS_HEALTH
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import day_shown
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import Verb

_JUST_RENEWED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that is kept: which, by whom, when, and its particulars."""

    verb: Verb
    name: str
    at: datetime
    details: Mapping[str, Any]


def refuse_replacing(
    deal: Deal, said: Answer, since: Sequence[KeptAnswer], policy: Policy, now: datetime
) -> None:
    """Refuses an answer that would replace one which its author has not read, also where no
    question was open any more. What only keeps quiet is replaced, and a health only by a health."""
    late = next((other for other in since if _replaces(said.verb, other.verb)), None)
    if late is not None:
        today, on = (local_day(at, zone_of(deal, policy)) for at in (now, late.at))
        words = kept_words(late.verb, late.name, late.details, on)
        raise AnsweredError(deal.contract.number, words, today)


def _replaces(verb: Verb, other: Verb) -> bool:
    """Whether an answer takes the place of another."""
    if other in (Verb.SEEN, Verb.SNOOZE):
        return False
    if Verb.HEALTH in (verb, other):
        return verb in SAYS_HEALTH and other in SAYS_HEALTH
    return True


def refuse_second_closing(
    deal: Deal, deals: Sequence[Deal], said: Answer, policy: Policy, now: datetime
) -> None:
    """Refuses a closing that would close the next term where the one before may be meant: the same
    closing given twice just after a renewal, and any before that term has begun. It is then named
    by its own number."""
    if not VERBS[said.verb].ends_term:
        return
    renewed = [d for d in deals if d is not deal and d.won is not None and _is_closed(d, policy)]
    last = max(renewed, key=lambda other: other.stage_entered_at, default=None)
    if last is not None and (
        now - last.stage_entered_at < _JUST_RENEWED or not _has_begun(deal, policy, now)
    ):
        raise AnswerRefusedError(
            (
                "contract {number} was renewed on {on}; to take that back: renewals answer "
                "{number} undo; to answer for the next term (until {until}) name it: "
                "'#{deal_id}'"
            ),
            number=deal.contract.number,
            on=day_shown(last.stage_entered_at.date()),
            until=day_shown(deal.contract.ends_on),
            deal_id=deal.id,
        )


def _is_closed(deal: Deal, policy: Policy) -> bool:
    """Whether a deal stands in a stage of its pipeline that is not open."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    return stage is not None and not stage.is_open


def _has_begun(deal: Deal, policy: Policy, now: datetime) -> bool:
    """Whether the first day of a deal's term has come; a start that nobody knows counts as past."""
    start = deal.contract.starts_on
    return start is None or start <= local_day(now, zone_of(deal, policy))
