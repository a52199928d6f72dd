"""The account's records as plain values, for whoever compares."""

from tests.servers.hubspot.answers import Json
from tests.servers.hubspot.portal import Portal


def state_of(portal: Portal) -> dict[str, dict[int, Json]]:
    """By type and id: the values that are set, `archived`, `merged` (the ids it was made of),
    `companies` it leads to, the primary one first."""
    return {
        name: {
            record.id: {
                "values": {k: v for k, v in record.values.items() if v is not None},
                "archived": record.archived_at is not None,
                "merged": list(record.merged),
                "companies": [k.to for k in portal.links.of(name, record.id, "companies")]
                if name != "companies"
                else [],
            }
            for record in kind.records.values()
        }
        for name, kind in portal.kinds.items()
    }
