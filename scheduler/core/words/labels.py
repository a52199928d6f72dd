"""Texts that are read in the reader's language: a `Label` is what a person reads for a stage, a
milestone, a word; or a whole sentence with its facts.

Always holds: a label is a value that crosses the program without a language; it becomes words at
the edge, by `of`. The code holds it once, in English, `scheduler.locale` what it is called in
other languages.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.core.words.languages import Language
from scheduler.locale import catalogue


@dataclass(frozen=True, slots=True, init=False)
class Label:
    """A sentence in English, and the facts that stand in it: `Label("{file} is empty", file=name)`.

    A fact may be a label itself and is put into the same language; of an error its words are
    kept. `many` is the sentence for more than one, where the fact `count` says of how many.
    `context` tells the translator two equal texts apart. A label without facts keeps its braces:
    whoever shows it fills them in (`filled`).

    >>> Label("Recorded").of(Language.JA)
    '記録しました'
    >>> Label("{count} deal", many="{count} deals", count=1).of(Language.EN)
    '1 deal'
    """

    english: str
    many: str
    context: str
    facts: tuple[tuple[str, Any], ...]
    own: tuple[tuple[str, str], ...]

    def __init__(self, english: str, /, *, many: str = "", context: str = "", **facts: Any) -> None:
        object.__setattr__(self, "english", english)
        object.__setattr__(self, "many", many)
        object.__setattr__(self, "context", context)
        kept = tuple((n, str(f) if isinstance(f, BaseException) else f) for n, f in facts.items())
        object.__setattr__(self, "facts", kept)
        object.__setattr__(self, "own", ())

    @classmethod
    def given(cls, names: Mapping[str, str]) -> "Label":
        """What somebody wrote in each language, as in `config.toml`; in a language for which
        nothing was written it is the English text.

        >>> Label.given({"ja": "安定稼働", "en": "Stable"}).of(Language.JA)
        '安定稼働'
        """
        made = cls(names["en"])
        object.__setattr__(made, "own", tuple(sorted(names.items())))
        return made

    @classmethod
    def verbatim(cls, what: object) -> "Label":
        """What is the same in all languages, or knows its words itself.

        >>> Label.verbatim("config.toml").of(Language.JA)
        'config.toml'
        """
        made = cls("{it}", it=what)
        object.__setattr__(made, "own", (("en", "{it}"),))
        return made

    def filled(self, **facts: Any) -> "Label":
        """The same with its facts, where the sentence is kept apart from them.

        >>> Label("{count} day", many="{count} days").filled(count=3).of(Language.EN)
        '3 days'
        """
        made = Label(self.english, many=self.many, context=self.context, **facts)
        object.__setattr__(made, "own", self.own)
        return made

    def of(self, language: Language) -> str:
        """The text in `language`."""
        facts = dict(self.facts)
        if self.own:
            own = dict(self.own)
            said = own.get(language) or own["en"]
        else:
            said = self._translated(language, facts.get("count"))
        if not facts:
            return said
        return said.format_map({name: in_words(fact, language) for name, fact in self.facts})

    def alone(self, language: Language) -> str:
        """The text in `language` where it stands by itself, as in a cell or on a button: what
        the lexicon has as it stands within a sentence begins with a capital letter.

        >>> Label("will renew").alone(Language.EN), Label("will renew").alone(Language.JA)
        ('Will renew', '更新予定')
        """
        words = self.of(language)
        return words[:1].upper() + words[1:]

    @property
    def as_title(self) -> "Label":
        """The same as it stands by itself, in every language."""
        return Label.verbatim(ByLanguage(self.alone))

    def _translated(self, language: Language, count: Any) -> str:
        """The sentence as the catalogue has it, its facts not yet filled in."""
        if language is Language.EN or not self.english:
            return self.many if self.many and count != 1 else self.english
        words = catalogue(language)
        if self.many:
            if self.context:
                return words.npgettext(self.context, self.english, self.many, count)
            return words.ngettext(self.english, self.many, count)
        if self.context:
            return words.pgettext(self.context, self.english)
        return words.gettext(self.english)

    def __str__(self) -> str:
        """In English, as logs hold it."""
        return self.of(Language.EN)

    def spellings(self) -> tuple[str, ...]:
        """What it is called in every language, as somebody may type it."""
        return tuple(dict.fromkeys(self.of(language) for language in Language))

    @property
    def ja(self) -> str:
        """The text in Japanese."""
        return self.of(Language.JA)

    @property
    def en(self) -> str:
        """The text in English, as logs hold it."""
        return self.of(Language.EN)


@dataclass(frozen=True, slots=True, init=False)
class ByLanguage:
    """What a function says in a language: `ByLanguage(long_day, day)` is
    `long_day(day, language)` when it is read.
    """

    function: Callable[..., str]
    arguments: tuple[Any, ...]

    def __init__(self, function: Callable[..., str], *arguments: Any) -> None:
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "arguments", arguments)

    def of(self, language: Language) -> str:
        """The words in `language`."""
        return self.function(*self.arguments, language)


@dataclass(frozen=True, slots=True, init=False)
class Joined:
    """Several texts, one after another, with something between them that may be a label too.

    >>> Joined(["a", Label("Recorded")], Label(", ")).of(Language.JA)
    'a、記録しました'
    """

    parts: tuple[Any, ...]
    between: Any

    def __init__(self, parts: Iterable[Any], between: Any) -> None:
        object.__setattr__(self, "parts", tuple(parts))
        object.__setattr__(self, "between", between)

    def of(self, language: Language) -> str:
        """The words in `language`."""
        between = str(in_words(self.between, language))
        return between.join(str(in_words(part, language)) for part in self.parts)


def in_words(fact: Any, language: Language) -> Any:
    """A fact as it stands in a sentence: in the reader's language, where it has words of its
    own."""
    return fact.of(language) if isinstance(fact, Label | ByLanguage | Joined) else fact


def in_all_languages(said: Label, between: str = "\n") -> str:
    """A sentence for somebody whose language nobody knows."""
    return between.join(said.of(language) for language in Language)


COMMA = Label(", ")
"""Between the things of a list."""
