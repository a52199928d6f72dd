"""How charts look: colours, hatches, lines and letters.

Always holds: what differs in colour differs in lightness or in its hatch too, so that a chart reads
on a black-and-white print and for people who tell few colours apart; the palette is after Okabe and
Ito ("Color Universal Design", 2008).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from matplotlib.font_manager import FontProperties, fontManager

from scheduler.core.reports.pictures import Tone
from scheduler.core.words.lexicon import Language


@dataclass(frozen=True, slots=True)
class SeriesStyle:
    """How one series is drawn: as a surface (`face`, `hatch`) and as a line (`ink`, `dashes`,
    `marker`)."""

    face: str
    hatch: str
    ink: str
    dashes: str = "-"
    marker: str = "o"


LOOKS: Mapping[Tone, SeriesStyle] = {
    Tone.GOOD: SeriesStyle("#bfe0f5", "", "#2b7bba"),
    Tone.CAUTION: SeriesStyle("#f2a93b", "///", "#b36b00", "--", "s"),
    Tone.BAD: SeriesStyle("#8f2d1b", "", "#8f2d1b", "-.", "^"),
    Tone.UNKNOWN: SeriesStyle("#ffffff", "...", "#6b7588", ":", "D"),
    Tone.FIRST: SeriesStyle("#1f4e79", "", "#1f4e79"),
    Tone.SECOND: SeriesStyle("#f2a93b", "///", "#b36b00", "--", "s"),
    Tone.THIRD: SeriesStyle("#bfe0f5", "", "#2b7bba", ":", "^"),
    Tone.FOURTH: SeriesStyle("#ffffff", "xx", "#6b7588", "-.", "D"),
}
EDGE, TEXT, SOFT, GRID = "#1c2434", "#1c2434", "#5a6478", "#dde3ec"
HEAT = ("#ffffff", "#cfe3f5", "#86b6dd", "#3f7fb8", "#123a63")
"""From nothing to the most: one hue that only gets darker."""

_LATIN = "DejaVu Sans"


def japanese_font() -> Path:
    """The file of the font that has Japanese letters, out of its package, which is not imported: it
    would change matplotlib for the whole process."""
    spec = find_spec("matplotlib_fontja")
    assert spec is not None  # the caller has asked
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "fonts" / "ipaexg.ttf"


def settings(language: Language) -> Any:
    """matplotlib's settings for one drawing, by their names."""
    file = japanese_font()
    name = FontProperties(fname=file).get_name()
    if name not in {font.name for font in fontManager.ttflist}:
        fontManager.addfont(file)
    families = [name, _LATIN] if language is Language.JA else [_LATIN, name]
    return {
        "font.family": families,
        "font.size": 10.0,
        "text.color": TEXT,
        "axes.edgecolor": GRID,
        "axes.labelcolor": SOFT,
        "axes.titlecolor": TEXT,
        "axes.axisbelow": True,
        "axes.grid": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "grid.color": GRID,
        "hatch.linewidth": 0.8,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "xtick.labelcolor": TEXT,
        "ytick.labelcolor": TEXT,
        "legend.frameon": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "renewals",
        "path.simplify": True,
    }
