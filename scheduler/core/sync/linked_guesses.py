"""Which property of line items, quotes or contracts fills the end of a contract, where no property
of the deals does.

Always holds: it is taken only where exactly one of them says by its name that it is the end, and
holds days to come; what else could be meant is offered. A quote's own expiry is no end. Where the
start is known the length is left alone: both beside an end can only contradict each other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from scheduler.core.imports.names import plain
from scheduler.core.policy.hubspot import FROM_LINKED, LinkedKind
from scheduler.core.sync.ends import EndCount, place_of
from scheduler.core.sync.guesses import NAMED, FieldGuess, Offered, kinds_of

_ALSO: Mapping[LinkedKind, Mapping[str, str]] = {
    LinkedKind.LINE_ITEMS: {
        "ends_on": "hs_recurring_billing_end_date",
        "starts_on": "hs_recurring_billing_start_date",
        "term": "hs_recurring_billing_period",
    },
    LinkedKind.CONTRACTS: {
        "ends_on": "hs_contract_end_date|End date",
        "starts_on": "hs_contract_effective_date|Effective date|Start date",
    },
}
"""What such a property is called in one kind of record, besides what it is called anywhere
(`guesses.NAMED`)."""
LinkedElsewhere = Mapping[LinkedKind, Sequence[Offered]]
"""The properties of linked records, as `[hubspot.fields]` names them."""


def with_linked(
    own: Sequence[FieldGuess], elsewhere: LinkedElsewhere, counts: Iterable[EndCount]
) -> tuple[FieldGuess, ...]:
    """The guesses, completed from linked records. `counts` says of deals and linked records alike
    which properties hold days to come."""
    ahead = {place_of(count) for count in counts if count.ahead}
    by_field = {guess.field: guess for guess in own}
    end = by_field.get("ends_on", FieldGuess("ends_on"))
    could = [p for p in (end.taken, *end.candidates) if p is not None]
    if any(p.name in ahead for p in could):
        return tuple(own)
    clear = [
        (kind, found)
        for kind, properties in elsewhere.items()
        for found in _named("ends_on", kind, properties)
        if found.name in ahead
    ]
    if len(clear) != 1:
        offered = (*(found for _, found in clear), *end.candidates)
        by_field["ends_on"] = replace(end, candidates=offered)
        return tuple(by_field.values())
    kind, taken = clear[0]
    by_field["ends_on"] = FieldGuess("ends_on", taken, tuple(could))
    for field in (name for name in FROM_LINKED if name != "ends_on"):
        guess = by_field.get(field, FieldGuess(field))
        there = list(_named(field, kind, elsewhere[kind]))
        started = by_field.get("starts_on", guess).taken is not None
        if guess.taken is None and len(there) == 1 and not (field == "term" and started):
            by_field[field] = replace(guess, taken=there[0])
    return tuple(by_field.values())


def _named(field: str, kind: LinkedKind, properties: Iterable[Offered]) -> Iterator[Offered]:
    """The properties that say by their names that they are a field."""
    names = NAMED[field] | {plain(n) for n in _ALSO.get(kind, {}).get(field, "").split("|") if n}
    for offered in properties:
        bare = plain(offered.name.partition("/")[2])
        if offered.kind in kinds_of(field) and names & {bare, *offered.spellings}:
            yield offered
