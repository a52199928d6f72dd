"""The languages that people read. Whatever has words has them in each of these."""

from enum import StrEnum


class Language(StrEnum):
    """A language a person reads."""

    JA = "ja"
    EN = "en"
