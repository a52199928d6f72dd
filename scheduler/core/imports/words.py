"""Closed words as people type them: a health, a role, a forecast, a language. The same reader
serves files, commands, web pages and forms on Slack.

Always holds: a word is known by what is stored, by what people call it in any language, and by what
other programs call it; width, case, spaces and hyphens do not count.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import TypeVar

from scheduler.core.imports.typed import NotReadError
from scheduler.core.imports.written_days import narrow
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.core.words.lexicon import LANGUAGES, Health, Language, Role, Word

W = TypeVar("W", bound=StrEnum)
_ALSO: Mapping[StrEnum, str] = {
    Health.STABLE: "安定 良好 green healthy 健全",
    Health.AT_RISK: "注意 yellow atrisk",
    Health.CRITICAL: "危険 red",
    Health.UNKNOWN: "不明",
    Role.REP: "csm cs 担当者 cs担当",
    Role.MANAGER: "上司 マネージャー 管理職",
    Role.SALES: "営業担当",
    Role.ADMIN: "administrator",
}
"""The other names that files of other programs use for them."""


def word(kind: type[W], text: str) -> W:
    """The word of that kind that is meant. Raises NotReadError with those there are.

    >>> word(Health, "Ａｔ－Ｒｉｓｋ").value, word(Health, "未評価").value, word(Role, "上長").value
    ('at_risk', 'unknown', 'manager')
    """
    found: W | None = _known(kind).get(_plain(text))
    if found is None:
        raise NotReadError("word", text, listed=listed(kind))
    return found


@cache
def _known(kind: type[W]) -> Mapping[str, W]:
    """Every spelling of every word of a kind."""
    return {
        _plain(spelling): each
        for each in kind
        for spelling in (
            *_ALSO.get(each, "").split(),
            *label_of(each).spellings(),
            each.value,
        )
    }


def _plain(text: str) -> str:
    """What counts of a typed word."""
    return "_".join(narrow(text).lower().replace("-", " ").replace("_", " ").split())


def label_of(each: StrEnum) -> Label:
    """What a word is called."""
    if isinstance(each, Language):
        return LANGUAGES[each]
    return each.label if isinstance(each, Word) else Label.verbatim(each.value)


def listed(words: Iterable[StrEnum]) -> Joined:
    """Words as they are typed, with what they are called where that is another language's."""
    return Joined((ByLanguage(_listed, each) for each in words), COMMA)


def _listed(each: StrEnum, language: Language) -> str:
    name = label_of(each).of(language)
    return each.value if language is Language.EN else f"{each.value} {name}"
