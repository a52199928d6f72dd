"""Whether an account's plan has room for what we would make, asked before anything is made."""

from collections.abc import Iterable, Iterator, Sequence

from scheduler.core.sync.desired_values import PROPERTIES
from scheduler.core.sync.steps import SchemaStep, SetupPart, SetupStatus
from scheduler.core.words.labels import Label
from scheduler.hubspot.account import allowance, properties
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.errors import RefusedError

MOST_UNIQUE = 10
"""Properties with unique values that a type of record may have."""

_TOO_MANY = {
    "pipelines": Label(
        "the HubSpot plan allows {limit} deal pipelines; {used} exist and {more} more are "
        "needed; leave out --pipelines and map our stages to yours, or add our stages to one of "
        "yours"
    ),
    "custom-properties": Label(
        "the HubSpot plan allows {limit} custom properties; {used} exist and {more} more are "
        "needed; remove some that nobody uses"
    ),
}


def over_plan_limits(client: HubspotClient, steps: Sequence[SchemaStep]) -> list[Label]:
    """What does not fit, in words; nothing where HubSpot says no limit. Raises HubspotError."""
    return [
        *_limited(client, _missing(steps, SetupPart.PIPELINE), "pipelines"),
        *_limited(client, _missing(steps, SetupPart.PROPERTY), "custom-properties"),
        *_unique(client, steps),
    ]


def _missing(steps: Iterable[SchemaStep], thing: SetupPart) -> list[str]:
    return [s.name for s in steps if s.thing is thing and s.made is SetupStatus.MISSING]


def _limited(client: HubspotClient, names: Sequence[str], what: str) -> Iterator[Label]:
    """Whether so many more fit; an endpoint that does not know is no limit."""
    if not names:
        return
    try:
        left = allowance(client, what)
    except RefusedError:
        return
    if not left.has_room_for(len(names)):
        yield _TOO_MANY[what].filled(limit=left.limit, used=left.used, more=len(names))


def _unique(client: HubspotClient, steps: Sequence[SchemaStep]) -> Iterator[Label]:
    """Whether one more property may have unique values."""
    wanted = {p.name for p in PROPERTIES if p.unique} & {*_missing(steps, SetupPart.PROPERTY)}
    used = [p.name for p in properties(client).values() if p.unique] if wanted else []
    if wanted and len(used) + len(wanted) > MOST_UNIQUE:
        yield Label(
            "HubSpot allows {most} properties with unique values, and deals have {used}: {names}; "
            "remove one that nobody uses",
            most=MOST_UNIQUE,
            used=len(used),
            names=", ".join(used),
        )
