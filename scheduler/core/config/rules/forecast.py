"""What `[forecast]` of `config.toml` must mean: what stands better is not weighed less."""

from collections.abc import Iterator
from itertools import pairwise

from scheduler.core.config.mistakes import Found
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.words.labels import Label

_BEST_FIRST = ("commit", "likely", "at_risk", "notice")


def forecast_mistakes(config: ConfigTable) -> Iterator[Found]:
    """Every weight that is greater than that of what stands better; none where there is no such
    table."""
    table = config.forecast
    if table is None:
        return
    for better, worse in pairwise(_BEST_FIRST):
        above, below = getattr(table, better), getattr(table, worse)
        if below > above:
            yield (
                ("forecast",),
                Label(
                    "{worse} = {below} is more than {better} = {above}; the worse category "
                    "cannot have the greater weight",
                    worse=worse,
                    below=below,
                    better=better,
                    above=above,
                ),
            )
