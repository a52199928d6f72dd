"""How sure a share is that was counted on a few."""

from math import sqrt

Z = 1.96
"""Standard deviations either side that hold 95 % of what chance brings."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927), the lower end first; everything is possible
    where nothing was counted.

    >>> [round(end, 3) for end in wilson(9, 20)], wilson(0, 0)
    ([0.258, 0.658], (0.0, 1.0))
    """
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)
