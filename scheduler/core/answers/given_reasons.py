"""The reasons of a loss and of a health, checked against those that the policy lists."""

from collections.abc import Mapping

from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.answers.verbs import Asked
from scheduler.core.answers.why import listed_reasons
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import Health, Verb


def checked_reason(lost: Lost | None, deal: Deal, policy: Policy) -> Lost:
    """The reason if the policy lists it for this pipeline."""
    known = listed_reasons(Verb.LOST, deal, policy)
    wanted = [r for r in (lost.reason, lost.second) if r] if lost else []
    unknown = [r for r in wanted if r not in known]
    if unknown:
        raise _unlisted(Label("there is no reason {reason!r}", reason=unknown[0]), known)
    if lost is None or not lost.reason:
        raise _unlisted(Label("a main reason is needed"), known)
    return lost


def refuse_unfit(reason: str | None, health: Health, deal: Deal, policy: Policy) -> None:
    """A reason for what somebody says of the health must be one of the policy's for that state."""
    fitting = listed_reasons(Verb.HEALTH, deal, policy, health)
    if reason is None or reason in fitting:
        return
    listed = listed_reasons(Verb.HEALTH, deal, policy)
    if not listed:
        raise AnswerRefusedError(
            "there are no reasons to choose from: [health] in config.toml lists none; say why in "
            "a note",
            beside=Asked.REASON,
        )
    state = health.label.as_title
    if not fitting:
        raise AnswerRefusedError(
            "[health] in config.toml lists no reasons for “{state}”; say why in a note",
            beside=Asked.REASON,
            state=state,
        )
    if reason not in listed:
        raise _unlisted(Label("there is no reason {reason!r}", reason=reason), fitting)
    raise _unlisted(
        Label("“{reason}” does not fit “{state}”", reason=listed[reason], state=state), fitting
    )


def _unlisted(wrong: Label, known: Mapping[str, Label]) -> AnswerRefusedError:
    """The refusal of a reason that is missing or not one of `known`."""
    named = (Label("{id} ({name})", id=id, name=name) for id, name in known.items())
    return AnswerRefusedError(
        "{wrong}; choose one of: {reasons}",
        beside=Asked.REASON,
        wrong=wrong,
        reasons=Joined(named, COMMA),
    )
