"""What is said in other languages: one catalogue of gettext's a language, below
`LANGUAGE/LC_MESSAGES`. The code holds every sentence once, in English.

Always holds: shipped with the program and never changed by it; a catalogue is read once, when its
language is first used; what it does not hold is said in English. `python -m tests.catalogues` makes
the `.po` files agree with the code and compiles them.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).parent
DOMAIN = "renewals"


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of a language; none where the program has no catalogue for it.

    >>> catalogue("ja").gettext("Recorded"), catalogue("en").gettext("Recorded")
    ('記録しました', 'Recorded')
    """
    try:
        with (FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
            return GNUTranslations(file)
    except FileNotFoundError:
        return NullTranslations()
