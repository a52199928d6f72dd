"""A chart becomes a file's bytes: PNG or SVG, in the reader's language.

Always holds: matplotlib is imported here, when a chart is drawn, and nowhere else before; without
it the command is refused with what to install; the same chart gives the same PNG, byte for byte,
whenever it is drawn; letters in an SVG are shapes, so that it looks the same where the font is
missing.
"""

from importlib.util import find_spec

from scheduler.core.reports.pictures import Chart
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language

KINDS = ("png", "svg")
"""What a chart can be written as."""
_NEEDED = ("matplotlib", "matplotlib_fontja")


def is_installed() -> bool:
    """Whether what draws is installed."""
    return all(find_spec(name) is not None for name in _NEEDED)


def require_library() -> None:
    """Raises UserMustActError where what draws is not installed."""
    if not is_installed():
        raise UserMustActError(
            "charts need matplotlib and a font: run `pip install matplotlib matplotlib-fontja` in "
            "this program's environment"
        )


def drawn(chart: Chart, language: Language, kind: str = "png") -> bytes:
    """The picture as a file of this `kind`. Raises UserMustActError where what draws is not
    installed, or where there is nothing to draw."""
    require_library()
    if chart.is_empty:
        raise UserMustActError("no contract matches, so there is nothing to draw")
    from scheduler.charts.figures import figure_bytes

    return figure_bytes(chart, language, kind)
