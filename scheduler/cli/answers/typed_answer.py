"""An answer as it is typed on the command line, and how its verb is read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from scheduler.cli.terminal.reading import amount_of, day_of, term_of
from scheduler.core.answers.verbs import VERBS
from scheduler.core.answers.why import SAYS_HEALTH, reason_meant
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.core.words.lexicon import Health, Language, Verb, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.core.answers.answer import Answer
    from scheduler.core.deal.deal import Deal
    from scheduler.core.deal.people import Person
    from scheduler.core.policy.policy import Policy


W = TypeVar("W", bound=Word)
NAMES = {verb: rule.label for verb, rule in VERBS.items()}


def listed(words: "Mapping[Any, Label]") -> Joined:
    """Verbs as they are typed, with what they are called where that is another language's."""
    return Joined((ByLanguage(_listed_word, w.value, name) for w, name in words.items()), COMMA)


def _listed_word(word: str, name: Label, language: Language) -> str:
    return word if language is Language.EN else f"{word} {name.of(language)}"


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """An answer as it was typed: the verb, its word, and the options, not read yet."""

    verb: Verb
    until: str | None
    value: str | None
    expected: str | None
    health: str | None
    amount: str | None
    term: str | None
    renewal_term: str | None
    starts: str | None
    ends: str | None
    reason: str | None
    second: str | None
    avoidable: bool | None
    on: str | None
    note: str
    yes: bool

    def read(self, deal: "Deal", name: str, person: "Person | None", policy: "Policy") -> "Answer":
        """The answer to a deal that was typed. Raises NotReadError."""
        from scheduler.core.answers.answer import Answer

        takes = VERBS[self.verb].value
        own = self.value or (self.health if takes and takes.kind is Health else None)
        return Answer(
            self.verb,
            name,
            person,
            until=day_of(self.until),
            **_value(self.verb, own),
            expected_on=day_of(self.expected),
            amount=amount_of(self.amount, deal.contract.amount.currency),
            term=term_of(self.term),
            renewal_term=term_of(self.renewal_term),
            ends_on=day_of(self.ends),
            **_why(self, deal, policy),
            on=day_of(self.on),
            starts_on=day_of(self.starts),
            confirmed=self.yes,
            note=self.note,
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
            "{verb} takes no {name} ({value}); its options: renewals answer --help",
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


def _why(typed: TypedAnswer, deal: "Deal", policy: "Policy") -> dict[str, Any]:
    """Why a customer does so, or why it was lost, as far as it was said: a field of an answer."""
    from scheduler.core.deal.deal import Lost

    reason, second = (
        reason_meant(written, typed.verb, deal, policy) for written in (typed.reason, typed.second)
    )
    if typed.verb in SAYS_HEALTH:
        return {"health_reason": reason}
    return {"lost": Lost(reason, second, typed.avoidable, typed.note) if reason else None}
