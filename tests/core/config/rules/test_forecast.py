"""`[forecast]`: what is written weighs; the shipped example says what is so without it; a weight
that is greater than that of what stands better is told with its line."""

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config
from scheduler.core.policy.forecast import ForecastWeights
from scheduler.core.words.lexicon import Language
from tests.core.config.test_mistakes import FULL
from tests.core.config.test_reading import problems, read


def test_what_is_written_weighs() -> None:
    config = read(FULL)
    assert isinstance(config, Config), config
    assert config.policy.forecast == ForecastWeights(90, 75, 30, 50, 5, 10)


def test_the_example_of_the_shipped_file_says_what_is_so_without_it() -> None:
    shipped = shipped_config()
    start = shipped.index("# [forecast]\n")
    block = shipped[start : shipped.index("\n\n", start)]
    config = read(shipped + "\n".join(line.removeprefix("# ") for line in block.splitlines()))
    assert isinstance(config, Config), config
    assert config.policy.forecast == ForecastWeights()


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("likely = 96", "forecast: likely = 96 is more than commit = 95"),
        ("at_risk = 81", "forecast: at_risk = 81 is more than likely = 80"),
        ("notice = 36", "forecast: notice = 36 is more than at_risk = 35"),
        ("commit = 101", "forecast.commit: "),
        ("least = 0", "forecast.least: "),
    ],
)
def test_a_mistake_is_told_with_its_place(table: str, found: str) -> None:
    text = f"{shipped_config()}\n[forecast]\n{table}\n"
    said = [problem.shown(Language.EN) for problem in problems(text)]
    assert any(found in line for line in said), said
