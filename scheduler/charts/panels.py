"""One panel of a chart: bars, lines, a heat map. Each is given the axes it is to fill."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator

from scheduler.charts.looks import EDGE, GRID, HEAT, LOOKS, SOFT
from scheduler.core.reports.pictures import Bars, HeatMap, Lines, Series, Words
from scheduler.core.reports.scales import short_amount, short_number
from scheduler.core.words.labels import in_words
from scheduler.core.words.lexicon import Language

_MOST_MARKS, _DARK, _BAR = 16, 0.55, 0.72


def draw_bars(panel: Bars, axes: Axes, language: Language) -> None:
    """Stacks with their sum, or bars side by side with their values. What a stack is made of is
    said also where that is one thing only."""
    groups = 1 if panel.stacked else max(len(panel.series), 1)
    thick = _BAR / groups
    floor = [0.0] * len(panel.places)
    for number, series in enumerate(panel.series):
        values = [value or 0.0 for value in series.values]
        shift = 0.0 if panel.stacked else thick * (number - (groups - 1) / 2)
        at = [place + shift for place in range(len(values))]
        _bar(axes, panel, series, (at, values, floor, thick), language)
        if panel.stacked:
            floor = [low + value for low, value in zip(floor, values, strict=True)]
        else:
            _values(axes, panel, list(zip(at, values, strict=True)), language)
    if panel.stacked:
        _values(axes, panel, list(enumerate(floor)), language)
    _axis(axes, panel, language)
    whole = floor if panel.stacked else [v or 0.0 for s in panel.series for v in s.values]
    most = max(whole, default=0.0) or 1.0
    axes.set(**{"xlim" if panel.across else "ylim": (0, most * 1.14)})
    if len(panel.series) >= (1 if panel.stacked else 2):
        _key(axes, panel.series)


def _bar(
    axes: Axes,
    panel: Bars,
    series: Series,
    where: tuple[list[float], list[float], list[float], float],
    language: Language,
) -> None:
    """The bars of one series."""
    at, values, floor, thick = where
    look = LOOKS[series.tone]
    how: dict[str, Any] = {
        "facecolor": look.face,
        "hatch": look.hatch,
        "edgecolor": EDGE,
        "linewidth": 0.6,
        "label": _words(series.name, language),
    }
    start = floor if panel.stacked else [0.0] * len(values)
    if panel.across:
        axes.barh(at, values, height=thick, left=start, **how)
    else:
        axes.bar(at, values, width=thick, bottom=start, **how)


def _values(
    axes: Axes, panel: Bars, ends: Sequence[tuple[float, float]], language: Language
) -> None:
    """What each bar comes to, at its end; nothing at an empty one."""
    for place, value in ends:
        if not value or len(ends) > _MOST_MARKS * 2:
            continue
        said = _number(value, panel.money, language)
        beside: dict[str, Any] = {"xytext": (0, 3), "va": "bottom", "ha": "center"}
        if panel.across:
            beside = {"xytext": (4, 0), "va": "center", "ha": "left"}
        at = (value, place) if panel.across else (place, value)
        axes.annotate(said, at, textcoords="offset points", size=8.5, **beside)


def _axis(axes: Axes, panel: Bars, language: Language) -> None:
    """Places along one axis, round numbers along the other."""
    names = [_words(place, language) for place in panel.places]
    along, numbers = (axes.yaxis, axes.xaxis) if panel.across else (axes.xaxis, axes.yaxis)
    along.set_ticks(range(len(names)), names)
    along.set_tick_params(length=0)
    if panel.across:
        axes.invert_yaxis()
    else:
        _thin(axes, names)
    _scale(numbers, panel.money, language)


def _scale(numbers: Any, money: bool, language: Language) -> None:
    """Round numbers, as short as people say them, with a line across at each."""
    numbers.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=not money))
    numbers.set_major_formatter(
        FuncFormatter(lambda value, _: _number(float(value), money, language))
    )
    numbers.set_tick_params(length=0, labelsize=8.5)
    numbers.grid(visible=True, color=GRID, linewidth=0.8)


def _thin(axes: Axes, names: Sequence[str]) -> None:
    """Every second name, or fewer, where they would run into each other."""
    room = _MOST_MARKS if max((len(name) for name in names), default=0) <= 8 else 8
    step = -(-len(names) // room)
    if step > 1:
        axes.set_xticks(range(0, len(names), step), names[::step])


def draw_lines(panel: Lines, axes: Axes, language: Language) -> None:
    """Lines with a mark at each value; where nothing is known there is a gap."""
    for series in panel.series:
        look = LOOKS[series.tone]
        values = [float("nan") if value is None else value for value in series.values]
        axes.plot(
            range(len(values)),
            values,
            color=look.ink,
            linestyle=look.dashes,
            marker=look.marker,
            markersize=5,
            linewidth=1.8,
            label=_words(series.name, language),
        )
    names = [_words(place, language) for place in panel.places]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.4, len(names) - 0.6)
    axes.tick_params(axis="x", length=0)
    _thin(axes, names)
    _scale(axes.yaxis, panel.money or panel.percent, language)
    if panel.percent:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        axes.margins(y=0.2)
        low, high = axes.get_ylim()
        axes.set_ylim(max(low, 0.0), max(high, 0.1))
    if len(panel.series) > 1:
        _key(axes, panel.series)


def draw_heat(panel: HeatMap, axes: Axes, language: Language) -> None:
    """A field for each number: the darker, the more; nothing is written where there is nothing."""
    shades = LinearSegmentedColormap.from_list("heat", HEAT)
    most = max((value for row in panel.values for value in row), default=0) or 1
    axes.imshow(panel.values, cmap=shades, vmin=0, vmax=most, aspect="auto")
    for at, row in enumerate(panel.values):
        for place, value in enumerate(row):
            ink = "white" if value / most > _DARK else EDGE
            said = short_number(value, language) if value else ""
            axes.text(place, at, said, ha="center", va="center", size=9, color=ink)
    axes.set_xticks(range(len(panel.places)), [_words(p, language) for p in panel.places])
    axes.set_yticks(range(len(panel.rows)), [_words(row, language) for row in panel.rows])
    axes.set_xticks([place - 0.5 for place in range(len(panel.places) + 1)], minor=True)
    axes.set_yticks([at - 0.5 for at in range(len(panel.rows) + 1)], minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.tick_params(axis="x", labelsize=8.5, labelcolor=SOFT)
    for side in axes.spines.values():
        side.set_visible(False)


def _key(axes: Axes, series: Sequence[Series]) -> None:
    """Which series is which, above the panel at its right."""
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(series), fontsize=8.5,
        borderaxespad=0.2, handlelength=1.8, columnspacing=1.4,
    )  # fmt: skip


def _number(value: float, money: bool, language: Language) -> str:
    """A number on a chart."""
    return short_amount(value, language) if money else short_number(value, language)


def _words(said: Words, language: Language) -> str:
    """What stands on the chart, in the reader's language."""
    return str(in_words(said, language)).replace("$", r"\$")
