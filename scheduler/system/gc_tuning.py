"""How often Python looks for cycles of objects that nobody uses any more."""

import gc

_AFTER = 100_000, 20, 50
"""After how many new objects: its own 700 cost a fifth of a short command's time, all while loading
modules, and a tenth of a sweep's."""


def collect_seldom() -> None:
    """In this process, from now on: what we make has few cycles, and is made in large numbers."""
    gc.set_threshold(*_AFTER)
