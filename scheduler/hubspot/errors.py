"""What a call to HubSpot can come to, besides an answer.

Always holds: each says what to do, and whether anything may have been carried out: only after an
`UnknownOutcomeError` nobody knows.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import Label


class HubspotError(LabelledError):
    """A call that gave no answer. `status` is the HTTP status, 0 where none came; `correlation` is
    what HubSpot's support asks for."""

    status = 0
    correlation = ""

    def at(self, status: int, correlation: str = "") -> "HubspotError":
        """This error, with what the answer said of itself."""
        self.status, self.correlation = status, correlation
        return self


class CallWait(StrEnum):
    """Why a call has to wait."""

    BURST = "burst"
    SEARCH = "search"
    DAILY = "daily"
    BUDGET = "budget"
    LOCKED = "locked"
    MIGRATING = "migrating"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


class LaterError(HubspotError):
    """Not carried out; the same may succeed in `seconds`."""

    exit_code = 1

    def __init__(self, why: CallWait, seconds: float, **facts: Any) -> None:
        super().__init__(_LATER[why].filled(seconds=_whole(seconds), **facts))
        self.why = why
        self.seconds = seconds


def _whole(seconds: float) -> str:
    return f"{max(1, round(seconds))}"


_LATER: Mapping[CallWait, Label] = {
    CallWait.BURST: Label("HubSpot received too many calls; trying again in {seconds} s"),
    CallWait.SEARCH: Label("HubSpot received too many searches; trying again in {seconds} s"),
    CallWait.DAILY: Label("today's calls to HubSpot are used up; trying again in {seconds} s"),
    CallWait.BUDGET: Label(
        "only {left} of today's {daily} calls to HubSpot are left, and other programs need them; "
        "trying again in {seconds} s"
    ),
    CallWait.LOCKED: Label("the record is locked in HubSpot; trying again in {seconds} s"),
    CallWait.MIGRATING: Label("HubSpot is moving the account; trying again in {seconds} s"),
    CallWait.FAILED: Label("HubSpot failed ({because}); trying again in {seconds} s"),
    CallWait.UNREACHABLE: Label(
        "HubSpot cannot be reached ({because}); check the network and HUBSPOT_API_URL; trying "
        "again in {seconds} s"
    ),
}


class RefusedError(HubspotError):
    """Retrying would be refused again. `words` are HubSpot's own; `ids` those of the inputs it
    named."""

    def __init__(self, words: str | Label, category: str = "", ids: Sequence[str] = ()) -> None:
        super().__init__("HubSpot refuses it: {words}", words=words)
        self.words = words if isinstance(words, str) else words.en
        self.category = category
        self.ids = tuple(ids)


class UnauthorisedError(HubspotError):
    """The token is missing, revoked, rotated away or mistyped: nothing works until somebody
    acts."""


class MissingScopeError(HubspotError):
    """The token may not do this. `scopes` are those it needs."""

    def __init__(self, scopes: Sequence[str], purpose: Label) -> None:
        super().__init__(
            "the HubSpot token lacks {scopes}, needed for {purpose}; add the scope to the service "
            "key or the app and try again",
            scopes=", ".join(scopes) or "?",
            purpose=purpose,
        )
        self.scopes = tuple(scopes)
        self.purpose = purpose


class UnknownOutcomeError(HubspotError):
    """A write that may have been carried out or not: look it up before it is repeated."""

    exit_code = 1

    def __init__(self, because: str | Label) -> None:
        super().__init__(
            "HubSpot's answer could not be read ({because}); the change may have been written",
            because=because,
        )


class NotInStepError(HubspotError):
    """Answers that contradict the API's description so that going on would lose records."""

    exit_code = 1
