"""Texts in both languages: a `Label` is what a person reads for a stage, a milestone, a word."""

from dataclasses import dataclass

from scheduler.core.words.lexicon import Language


@dataclass(frozen=True, slots=True)
class Label:
    """One name in Japanese and English.

    >>> Label("安定稼働", "Stable").of(Language.EN)
    'Stable'
    """

    ja: str
    en: str

    def of(self, language: Language) -> str:
        """The text in `language`."""
        return self.ja if language is Language.JA else self.en
