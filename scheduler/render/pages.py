"""The pages behind links, from the shipped templates: `templates/web`, with the facts' table and
filters that mails have.

Always holds: a user's message templates take no part; every text is escaped.
"""

from collections.abc import Mapping
from typing import Any

from scheduler.core.words.lexicon import Language
from scheduler.render.filters import filters
from scheduler.render.sandbox import Sandbox


class PageTemplates:
    """scheduler.inbound.web.pages.PageRenderer. `messages` and `pages` map paths below
    templates/messages and templates/web to texts."""

    def __init__(self, messages: Mapping[str, str], pages: Mapping[str, str]) -> None:
        sources = {**messages, **{f"web/{path}": text for path, text in pages.items()}}
        self._boxes = {
            language: Sandbox(sources, filters(language), escape=True) for language in Language
        }

    def page(self, name: str, facts: Mapping[str, Any], language: Language) -> str:
        """The page from `templates/web/NAME.html`."""
        return self._boxes[language].run(f"web/{name}.html", {**facts, "lang": language.value})
