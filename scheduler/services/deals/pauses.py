"""Pause and resume: somebody wants quiet about everything, a pipeline or a contract (DESIGN §7).

Always holds: what waits keeps its place and is sent when the pause is over, unless a later question
has overtaken it; the person who pauses is told which deadlines pass meanwhile, and the admins are
told again while there is time to act.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import day_shown
from scheduler.core.deal.pauses import Pause, Scope, pause_of
from scheduler.core.imports.names import meant
from scheduler.core.policy.deadlines import last_days
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import Anchor
from scheduler.ports import Begin
from scheduler.services.delivery.alerts import Alert, alert

WITHOUT_END = timedelta(days=90)
"""How far ahead deadlines are looked for when the pause has no end."""
_LISTED = 10


@dataclass(frozen=True, slots=True)
class PassingDeadline:
    """A deadline that passes while its contract is paused, and the last working day on which acting
    still helps."""

    contract: str
    customer: str
    owner: str
    anchor: Anchor
    deadline_on: date
    last_on: date


class PausesLook(Protocol):
    """The pauses as they are at one moment."""

    def standing(self, now: datetime) -> Sequence[Pause]:
        """The pauses in force, the oldest first."""

    def of_contract(self, wanted: Pause) -> Pause | None:
        """The pause with the contract's number as it is stored, found in any case, and the numbers
        of all its terms; None where there is no such contract."""

    def open_deals(self, pauses: Sequence[Pause], first_on: date, last_on: date) -> Sequence[Deal]:
        """Open deals that these pauses cover and that have a deadline in these days, or some days
        later."""


class PausesTransaction(PausesLook, Protocol):
    """One open transaction on pauses."""

    def begin(self, pause: Pause) -> int:
        """Starts the pause and takes waiting nudges out of their messages; returns how many nudges
        wait."""

    def end(self, wanted: Pause) -> int:
        """Ends the pauses of the same thing at the instant at which this one begins; how many."""


@dataclass(frozen=True, slots=True)
class PausePreview:
    """What a pause would mean: `until_on` (the last day that was looked at), the deadlines that
    pass, and the nudges that wait already."""

    pause: Pause
    until_on: date
    passing: Sequence[PassingDeadline]
    waiting: int = 0


def preview_pause(paused: Begin[PausesLook], wanted: Pause, policy: Policy) -> PausePreview:
    """Looks at what a pause would mean. Raises UserMustActError."""
    with paused() as look:
        return _preview(look, wanted, policy)


def pause(pausing: Begin[PausesTransaction], wanted: Pause, policy: Policy) -> PausePreview:
    """Pauses, replacing an earlier pause of the same thing. Raises UserMustActError."""
    with pausing() as transaction:
        preview = _preview(transaction, wanted, policy)
        wanted = preview.pause
        transaction.end(wanted)
        return replace(preview, waiting=transaction.begin(wanted))


def _preview(look: PausesLook, wanted: Pause, policy: Policy) -> PausePreview:
    """Works out a preview with one look."""
    wanted = _known(look, wanted, policy)
    passing, until_on = _passing(look, [wanted], policy, wanted.since_at)
    return PausePreview(wanted, until_on, passing)


def resume(
    pausing: Begin[PausesTransaction], wanted: Pause, policy: Policy
) -> tuple[Pause, int, Sequence[Pause]]:
    """Ends a pause; returns which one, how many pauses ended, and what is still paused. Raises
    UserMustActError for an unknown contract."""
    with pausing() as transaction:
        ended = _known(transaction, wanted, policy, gone_too=True)
        count = transaction.end(ended)
        return ended, count, transaction.standing(ended.since_at)


def standing(
    paused: Begin[PausesLook], now: datetime, policy: Policy
) -> tuple[Sequence[Pause], Sequence[PassingDeadline]]:
    """Everything that is paused, and which deadlines pass meanwhile."""
    with paused() as look:
        pauses = look.standing(now)
        return pauses, _passing(look, pauses, policy, now)[0] if pauses else ()


def passing_soon(paused: Begin[PausesLook], now: datetime, policy: Policy) -> Alert | None:
    """The admins' daily alert: deadlines of paused contracts that are within `pressing_days`."""
    today = local_day(now, policy.zone_of(None))
    no_later = today + timedelta(days=policy.attention.pressing_days)
    with paused() as look:
        pauses = look.standing(now)
        passing = _passing(look, pauses, policy, now, no_later)[0] if pauses else ()
    near = [p for p in passing if today <= p.last_on <= no_later]
    if not near:
        return None
    lines = [_line(p) for p in near[:_LISTED]]
    if len(near) > _LISTED:
        lines.append(Label("- and {near} more", near=len(near) - _LISTED))
    lines.append(Label("paused: {what}", what=Joined((p.what for p in pauses), COMMA)))
    return alert(
        f"paused:{today}",
        policy.language,
        Label("deadlines will pass while their contracts are paused ({near})", near=len(near)),
        Label.verbatim(Joined(lines, "\n")),
        Label("Their owners are not told: run `renewals resume`, or tell them yourself."),
    )


def _line(one: PassingDeadline) -> Label:
    """The words for one deadline, for a message."""
    return Label(
        "- {customer} {contract}: {anchor} {day}",
        customer=one.customer,
        contract=one.contract,
        anchor=anchor_word(one.anchor),
        day=day_shown(one.deadline_on),
    )


def anchor_word(anchor: Anchor) -> Label:
    """The name of the kind of deadline."""
    return (
        Label("notice deadline") if anchor is Anchor.DECIDE_BY else Label("end", context="pauses")
    )


def _passing(
    look: PausesLook,
    pauses: Sequence[Pause],
    policy: Policy,
    now: datetime,
    no_later: date = date.max,
) -> tuple[Sequence[PassingDeadline], date]:
    """The deadlines that pass while these stand, the earliest first, and the last day that was
    looked at: `no_later` at the latest."""
    today = local_day(now, policy.zone_of(None))
    until_on = min(
        no_later,
        max(local_day(p.until_at or now + WITHOUT_END, policy.zone_of(None)) for p in pauses),
    )
    found = []
    for deal in look.open_deals(pauses, today, until_on):
        by = pause_of(deal, pauses)
        end_on = (
            local_day(by.until_at, policy.zone_of(None))
            if by is not None and by.until_at is not None
            else until_on
        )
        for last in last_days(deal, policy):
            if last.deadline_on >= today and last.last_on <= end_on:
                owner = deal.owner.name if deal.owner is not None else ""
                found.append(
                    PassingDeadline(
                        deal.contract.number,
                        deal.contract.customer.name,
                        owner,
                        last.anchor,
                        last.deadline_on,
                        last.last_on,
                    )
                )
    return sorted(found, key=lambda p: (p.deadline_on, p.contract)), until_on


def _known(look: PausesLook, wanted: Pause, policy: Policy, *, gone_too: bool = False) -> Pause:
    """The pause with the name as it is written: the pipeline's id, the contract's number. Raises
    UserMustActError for an unknown one."""
    match wanted.scope:
        case Scope.PIPELINE:
            name = meant(wanted.name, policy.pipeline_labels)
            if name is None and not gone_too:
                raise UserMustActError(
                    "there is no pipeline {wanted_name}; there are: {listed}",
                    wanted_name=wanted.name,
                    listed=", ".join(policy.pipelines),
                )
            return replace(wanted, name=name or wanted.name)
        case Scope.CONTRACT:
            known = look.of_contract(wanted)
            if known is None:
                raise UserMustActError(
                    "there is no contract {contract}; `renewals deals` lists all of them",
                    contract=wanted.name,
                )
            return known
    return wanted
