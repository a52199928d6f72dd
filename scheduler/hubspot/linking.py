"""What the deals of an account are linked with: companies, line items, quotes, contracts.

Always holds: what HubSpot says nothing of, or refuses, is None, which is something else than no
link; a batch that is refused is halved until the guilty deal stands alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from scheduler.core.sync.amounts import LINKS_BATCH
from scheduler.core.sync.records import Association, links_of
from scheduler.hubspot.batches import chunks, halves
from scheduler.hubspot.client import ApiResponse, HubspotClient, dated
from scheduler.hubspot.errors import RefusedError
from scheduler.hubspot.reading import COMPANIES, DEALS

_GUILTY = 3
"""So many deals refused, and none answered: it is not the deals."""


def linked(
    client: HubspotClient, deals: Iterable[str], to_type: str = COMPANIES
) -> Iterator[tuple[str, tuple[Association, ...] | None]]:
    """The companies of each deal, or its line items, quotes, contracts; None where HubSpot says
    nothing or refuses, which is not "none". Raises HubspotError."""
    links = _Links(client, to_type)
    for chunk in chunks(dict.fromkeys(deals), LINKS_BATCH):
        yield from links.read(chunk)


@dataclass
class _Links:
    """Reads links and counts deals that were refused, and those that were answered."""

    client: HubspotClient
    to_type: str
    refused: int = 0
    answered: int = 0

    def read(self, deals: Sequence[str]) -> Iterator[tuple[str, tuple[Association, ...] | None]]:
        """Reads one batch. Raises HubspotError."""
        try:
            found = _links(self.client, deals, self.to_type)
        except RefusedError as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            if len(deals) > 1:
                for half in halves(deals):
                    yield from self.read(half)
                return
            self.refused += 1
            if self.refused >= _GUILTY and not self.answered:
                raise
            found = {}
        else:
            self.answered += len(deals)
        yield from ((deal, found.get(deal)) for deal in deals)


def _links(
    client: HubspotClient, deals: Sequence[str], to_type: str
) -> dict[str, tuple[Association, ...]]:
    """One batch of links with all their pages; what an error names has none."""
    said: dict[str, list[tuple[str, int | None, str]]] = {}
    inputs: list[dict[str, str]] = [{"id": deal} for deal in deals]
    silent = False
    while inputs:
        answer = client.call(
            "POST",
            dated("crm/associations", DEALS, to_type, "batch", "read"),
            body={"inputs": inputs},
        )
        inputs = []
        for result in answer.results:
            deal = str((result.get("from") or {}).get("id") or "")
            said.setdefault(deal, []).extend(_types(result))
            following = ((result.get("paging") or {}).get("next") or {}).get("after")
            if following:
                inputs.append({"id": deal, "after": str(following)})
        for deal in _without_links(answer):
            said.setdefault(deal, [])
        silent = answer.status == HTTPStatus.MULTI_STATUS and not answer.body.get("errors")
    if not silent:
        said |= {deal: said.get(deal, []) for deal in deals}
    return {deal: links_of(links) for deal, links in said.items()}


def _types(result: Mapping[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    """Every type of every link of one record."""
    for each in result.get("to") or ():
        id = str(each.get("toObjectId") or each.get("id") or "")
        kinds = each.get("associationTypes") or [{}]
        for kind in kinds:
            number = kind.get("typeId")
            yield id, number if isinstance(number, int) else None, str(kind.get("label") or "")


def _without_links(answer: ApiResponse) -> Iterator[str]:
    """The ids that have none, as the errors say."""
    for error in answer.body.get("errors") or ():
        context = error.get("context") or {}
        for name in ("fromObjectId", "ids"):
            yield from map(str, context.get(name) or ())
