"""The languages that people read. Every text exists in each of these."""

from enum import StrEnum


class Language(StrEnum):
    """A language a person reads."""

    JA = "ja"
    EN = "en"
