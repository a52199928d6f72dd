"""Where the values of one deal stand on their way to HubSpot.

Always holds: what was handed over is never written again before somebody has looked whether it
arrived; what HubSpot refuses is parked with its words until something about it changes.
"""

from enum import StrEnum


class PushState(StrEnum):
    """`IN_STEP`: what HubSpot was told last has arrived; the deal is due again once its version is
    higher. `CLAIMED`: a worker reads what is there. `HANDED_OVER`: the values are on their way.
    `UNKNOWN`: nobody knows whether they arrived; they are read back. `PARKED`: HubSpot refused
    them."""

    IN_STEP = "in_step"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    UNKNOWN = "unknown"
    PARKED = "parked"
