"""Reports to be printed, from the shipped templates in `templates/reports`.

Always holds: every text is escaped; each part is rendered by itself, so that the limits of the
sandbox are those of a part and not of the document, however many contracts it has.
"""

from collections.abc import Mapping

from scheduler.core.reports.printed import PrintedPart
from scheduler.core.words.lexicon import Language
from scheduler.render.filters import filters
from scheduler.render.sandbox import Sandbox

_PARTS = "<!-- parts -->"


class ReportPages:
    """Documents of parts."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """`sources` maps paths below templates/reports to texts."""
        named = {f"reports/{path}": text for path, text in sources.items()}
        self._boxes = {
            language: Sandbox(named, filters(language), escape=True) for language in Language
        }

    def document(self, part: PrintedPart, language: Language) -> str:
        """The document as HTML."""
        made = self._boxes[language].run(
            f"reports/{part.template}.html", {**part.facts, "lang": language.value}
        )
        inner = "".join(self.document(each, language) for each in part.parts)
        before, found, after = made.partition(_PARTS)
        return before + inner + after if found else made
