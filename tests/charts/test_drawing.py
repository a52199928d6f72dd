"""Charts as files: PNG and SVG that read in both languages, in black and white, and are the same
whenever they are drawn."""

import struct
import subprocess
import sys
import warnings
from dataclasses import replace
from itertools import combinations

import pytest
from matplotlib import rc_context
from matplotlib.colors import to_rgb

from scheduler.charts.drawing import drawn
from scheduler.charts.figures import figure
from scheduler.charts.looks import HEAT, LOOKS, settings
from scheduler.core.reports.pictures import Bars, Chart, HeatMap, Lines, Series, Tone
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health, Language

MONTHS = ("2027-01", "2027-02", "2027-03")
DUE = Bars(
    "Contracts",
    MONTHS,
    (
        Series(Health.STABLE.label.as_title, Tone.GOOD, (3.0, 0.0, 5.0)),
        Series(Health.UNKNOWN.label.as_title, Tone.UNKNOWN, (1.0, 2.0, None)),
    ),
)
MONEY = Bars("JPY", MONTHS, (Series("A", Tone.FIRST, (3e6, 0.0, 5e7)),), money=True)
RATES = Lines("%", MONTHS, (Series("A", Tone.FIRST, (0.9, None, 1.0)),), percent=True)
LOAD = HeatMap("…", ("田中 千佳", "Ann $mith"), MONTHS, ((0, 4, 9), (1, 0, 2)))
FUNNEL = Bars("…", ("Onboarding", "Won"), DUE.series[:1], stacked=False, across=True)
EVERY = Chart(Label("Recorded"), (DUE, MONEY, RATES, LOAD, FUNNEL), "note")


def lightness(colour: str) -> float:
    """How light a colour is on a black-and-white print: 0 black, 1 white."""
    red, green, blue = to_rgb(colour)
    return float(0.299 * red + 0.587 * green + 0.114 * blue)


def words(chart: Chart, language: Language) -> set[str]:
    """Everything that is written on it."""
    with rc_context(settings(language)):
        made = figure(chart, language)
        made.canvas.draw()
        texts = [t.get_text() for t in made.texts]
        for axes in made.axes:
            texts += [t.get_text() for t in (*axes.texts, *axes.get_xticklabels())]
            texts += [t.get_text() for t in axes.get_yticklabels()]
            key = axes.get_legend()
            texts += [t.get_text() for t in key.get_texts()] if key else []
    return set(texts)


@pytest.mark.parametrize("language", Language)
def test_a_png_has_the_size_of_its_panels(language: Language) -> None:
    one, two = (
        struct.unpack(">II", drawn(Chart("A", panels), language)[16:24])
        for panels in ((DUE,), (DUE, MONEY))
    )
    assert one[0] == two[0] == 1440
    assert two[1] > one[1] * 1.5


def test_the_letters_of_an_svg_are_shapes() -> None:
    made = drawn(EVERY, Language.JA, "svg").decode()
    assert made.startswith("<?xml")
    assert "<text" not in made
    assert made.count("<path") > 100


def test_the_same_chart_gives_the_same_bytes() -> None:
    assert drawn(EVERY, Language.EN) == drawn(EVERY, Language.EN)


def test_japanese_is_drawn_with_a_font_that_has_it() -> None:
    chart = Chart("更新の月別×ヘルス", (DUE, LOAD), "未評価は未評価として数えます。")
    for language in Language:
        with rc_context(settings(language)), warnings.catch_warnings():
            warnings.simplefilter("error")
            figure(chart, language).canvas.draw()


def test_a_letter_that_no_font_has_stops_nothing() -> None:
    assert drawn(Chart("𓀀 𐎀", (DUE,)), Language.JA)[:4] == b"\x89PNG"


def test_words_are_in_the_readers_language_and_numbers_as_it_says_them() -> None:
    english, japanese = words(EVERY, Language.EN), words(EVERY, Language.JA)
    assert {"Recorded", "Stable", "Not assessed", "50M", "100%"} <= english
    assert {"記録しました", "安定稼働", "未評価", "5,000万", "100%"} <= japanese


def test_a_stack_of_one_thing_says_what_it_is_and_a_single_row_of_bars_is_named_by_its_panel() -> (
    None
):
    alone = Bars("JPY", MONTHS, DUE.series[:1])
    assert "Stable" in words(Chart("A", (alone,)), Language.EN)
    assert "Stable" not in words(Chart("A", (replace(alone, stacked=False),)), Language.EN)
    assert drawn(Chart("A", (replace(alone, series=()),)), Language.EN)


def test_no_share_below_zero_is_on_the_axis() -> None:
    lost = Lines("GBP", MONTHS, (Series("A", Tone.FIRST, (0.0, 0.0, None)),), percent=True)
    shown = words(Chart("A", (lost,)), Language.EN)
    assert "0%" in shown
    assert not [word for word in shown if word.startswith(("-", "−"))]


def test_a_dollar_in_a_name_begins_no_formula() -> None:
    assert r"Ann \$mith" in words(EVERY, Language.EN)


def test_where_nothing_is_known_nothing_is_written() -> None:
    shown = words(Chart("A", (LOAD,)), Language.EN)
    assert {"4", "9", "1", "2"} <= shown
    assert "0" not in shown


def test_no_two_tones_of_a_chart_look_alike_in_black_and_white() -> None:
    of_health = [Tone.GOOD, Tone.CAUTION, Tone.BAD, Tone.UNKNOWN]
    just_several = [Tone.FIRST, Tone.SECOND, Tone.THIRD, Tone.FOURTH]
    for one, other in (*combinations(of_health, 2), *combinations(just_several, 2)):
        a, b = LOOKS[one], LOOKS[other]
        alike = abs(lightness(a.face) - lightness(b.face)) < 0.15 and a.hatch == b.hatch
        assert not alike, (one, other)
        assert (a.dashes, a.marker) != (b.dashes, b.marker)


def test_a_heat_map_only_gets_darker() -> None:
    shades = [lightness(shade) for shade in HEAT]
    assert shades == sorted(shades, reverse=True)
    assert shades[0] - shades[-1] > 0.7


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(UserMustActError, match="nothing to draw"):
        drawn(Chart("A", (Bars("B", (), ()),)), Language.EN)


@pytest.mark.parametrize("missing", ["matplotlib", "matplotlib_fontja"])
def test_without_what_draws_it_is_said_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UserMustActError, match="pip install matplotlib matplotlib-fontja"):
        drawn(EVERY, Language.EN)


def test_what_draws_is_imported_when_a_chart_is_drawn_and_not_before() -> None:
    code = "import sys, scheduler.charts.drawing; print('matplotlib' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "False"
