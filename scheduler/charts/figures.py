"""The panels of a chart below each other, with its title, a key and a note.

Always holds: nothing of matplotlib's is changed for the rest of the process.
"""

import logging
import warnings
from io import BytesIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduler.charts.looks import SOFT, settings
from scheduler.charts.panels import draw_bars, draw_heat, draw_lines
from scheduler.core.reports.pictures import Bars, Chart, HeatMap, Lines, Panel, Words
from scheduler.core.words.labels import in_words
from scheduler.core.words.lexicon import Language

_WIDE, _DOTS = 9.0, 160
_HEAD, _FOOT, _ROW = 0.75, 0.35, 0.34


def figure_bytes(chart: Chart, language: Language, kind: str) -> bytes:
    """The chart as a file. A letter that no font has is drawn as a box."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with rc_context(settings(language)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        made, stream = figure(chart, language), BytesIO()
        undated: dict[str, Any] = {"Software": None} if kind == "png" else {"Date": None}
        words = _words(chart.title, language)
        made.savefig(stream, format=kind, dpi=_DOTS, metadata={**undated, "Title": words})
    return stream.getvalue()


def figure(chart: Chart, language: Language) -> Figure:
    """The chart, drawn."""
    heights = [_height(panel) for panel in chart.panels]
    tall = sum(heights) + _HEAD + (_FOOT if chart.note else 0.05)
    made = Figure(figsize=(_WIDE, tall), layout="constrained", facecolor="white")
    foot = _FOOT / tall if chart.note else 0.0
    engine: Any = made.get_layout_engine()
    engine.set(rect=(0.01, foot, 0.98, 1 - foot - 0.42 / tall), h_pad=0.08, hspace=0.04)
    made.text(
        0.015, 1 - 0.14 / tall, _words(chart.title, language), size=14, weight="bold", va="top"
    )
    places = made.subplots(len(chart.panels), 1, squeeze=False, height_ratios=heights)
    for panel, axes in zip(chart.panels, places[:, 0], strict=True):
        _draw(panel, axes, language)
    if chart.note:
        made.text(0.015, 0.08 / tall, _words(chart.note, language), size=8.5, color=SOFT)
    return made


def _height(panel: Panel) -> float:
    """How tall a panel is, in inches: what lies or is a heat map grows with its lines."""
    if isinstance(panel, HeatMap):
        return 0.95 + _ROW * len(panel.rows)
    if isinstance(panel, Bars) and panel.across:
        each = 0.3 if panel.stacked else 0.2 * len(panel.series) + 0.12
        return 0.9 + each * len(panel.places)
    return 3.0


def _draw(panel: Panel, axes: Axes, language: Language) -> None:
    """One panel in its place."""
    axes.set_title(_words(panel.unit, language), loc="left", size=10, color=SOFT, pad=8)
    match panel:
        case Bars():
            draw_bars(panel, axes, language)
        case Lines():
            draw_lines(panel, axes, language)
        case HeatMap():
            draw_heat(panel, axes, language)


def _words(said: Words, language: Language) -> str:
    """What stands on the chart, in the reader's language. A dollar would begin a formula."""
    return str(in_words(said, language)).replace("$", r"\$")
