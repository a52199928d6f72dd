"""An answer as it is typed on the command line, and how its verb is read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from scheduler.cli.answers.answer_options import NAMES, AnswerOptions, listed
from scheduler.cli.terminal.reading import amount_of, day_of, term_of
from scheduler.core.answers.verbs import VERBS
from scheduler.core.answers.why import SAYS_HEALTH, reason_meant
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health, Verb, Word

if TYPE_CHECKING:
    from scheduler.core.answers.answer import Answer
    from scheduler.core.deal.deal import Deal
    from scheduler.core.deal.people import Person
    from scheduler.core.policy.policy import Policy


W = TypeVar("W", bound=Word)


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """An answer as it was typed: the verb, its word, and the options, not read yet."""

    verb: Verb
    value: str | None
    options: AnswerOptions

    def read(self, deal: "Deal", name: str, person: "Person | None", policy: "Policy") -> "Answer":
        """The answer to a deal that was typed. Raises NotReadError."""
        from scheduler.core.answers.answer import Answer

        said, takes = self.options, VERBS[self.verb].value
        own = self.value or (said.health if takes and takes.kind is Health else None)
        return Answer(
            self.verb,
            name,
            person,
            until=day_of(said.until),
            **_value(self.verb, own),
            expected_on=day_of(said.expected),
            amount=amount_of(said.amount, deal.contract.amount.currency),
            term=term_of(said.term),
            renewal_term=term_of(said.renewal_term),
            ends_on=day_of(said.ends),
            **_why(self.verb, said, deal, policy),
            on=day_of(said.on),
            starts_on=day_of(said.starts),
            confirmed=said.yes,
            note=said.note,
        )


def verb_of(written: str) -> Verb:
    """The verb, in English or Japanese."""
    from scheduler.core.imports.names import plain

    wanted = plain(written)
    found = next(
        (
            verb
            for verb, rule in VERBS.items()
            if wanted in map(plain, (verb.value, *rule.label.spellings(), *rule.spellings))
        ),
        None,
    )
    if found is None:
        from scheduler.core.words.problems import near

        close = near(
            written.replace("-", "_").lower(),
            [*(v.value for v in VERBS), *(n for name in NAMES.values() for n in name.spellings())],
        )
        raise UserMustActError(
            "there is no answer {written}; {hint}",
            written=written,
            hint=Label("did you mean {close}?", context="answer", close=close)
            if close
            else Label("there are: {listed}", listed=listed(NAMES)),
        )
    return found


def refuse_value(verb: Verb, value: str | None, name: str) -> None:
    """Refuses a value that nothing would read."""
    if value is not None and VERBS[verb].value is None:
        raise UserMustActError(
            "{verb} does not accept {name} ({value}); for its options: renewals answer --help",
            verb=verb.value,
            called=NAMES[verb],
            name=name,
            value=value,
        )


def _word(kind: type[W], written: str | None) -> W | None:
    """Reads one of the words a verb takes; None where none was given. Raises NotReadError."""
    from scheduler.core.imports.words import word

    return None if written is None else word(kind, written)


def _value(verb: Verb, written: str | None) -> dict[str, Any]:
    """The word that a verb takes, as a field of an answer."""
    takes = VERBS[verb].value
    return {takes.field: _word(takes.kind, written)} if takes else {}


def _why(verb: Verb, typed: AnswerOptions, deal: "Deal", policy: "Policy") -> dict[str, Any]:
    """Why a customer does so, or why it was lost, as far as it was said: a field of an answer."""
    from scheduler.core.deal.deal import Lost

    reason, second = (
        reason_meant(written, verb, deal, policy) for written in (typed.reason, typed.second)
    )
    if verb in SAYS_HEALTH:
        return {"health_reason": reason}
    return {"lost": Lost(reason, second, typed.avoidable, typed.note) if reason else None}
