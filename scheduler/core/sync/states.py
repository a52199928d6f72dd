"""Where one record stands on its way from HubSpot, and the values of one deal on their way there.

Always holds: a record is taken in only when all of it was read; what was handed over is never
written again before somebody has looked whether it arrived; what HubSpot refuses is parked with its
words until something about it changes.
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


class Waits(StrEnum):
    """What is still to be done with a record that has changed: the history of its stage is to be
    read, then its links to companies, then the company's name, then the line items, quotes and
    contracts that fill a field (`TERMS`); then it is taken in. `LOOK`: its id is to be looked up,
    because it may be archived, merged or gone. `PUT_OFF`: HubSpot did not give all of it; a later
    run begins with it anew, and nothing else waits for that."""

    LOOK = "look"
    HISTORY = "history"
    LINKS = "links"
    COMPANY = "company"
    TERMS = "terms"
    TAKING = "taking"
    PUT_OFF = "put_off"
