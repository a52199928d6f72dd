"""Runs one account by itself, filled with deals that never change, until it is stopped.

    python -m tests.servers.hubspot --deals 100000 --port 8123 --unlimited
It prints two lines to be sourced: HUBSPOT_API_URL and HUBSPOT_TOKEN.
"""

import argparse
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

from tests.servers.hubspot.filling import Seed
from tests.servers.hubspot.limits import Limits
from tests.servers.hubspot.links import Link
from tests.servers.hubspot.pipelines import DEFAULT, DEFAULT_STAGES
from tests.servers.hubspot.records import Source
from tests.servers.hubspot.server import HubSpotServer

PEOPLE = ("Ann Arai", "Bob Baker", "Chika Chiba", "Dan Doi")
START = datetime(2025, 1, 1, tzinfo=UTC)


def seeds(
    count: int, owners: list[tuple[str, Source]], companies: range, seed: int
) -> Iterator[Seed]:
    """Deals as a team leaves them: spread over stages, owners, companies and two years."""
    chance = random.Random(seed)
    stages = [stage for stage, _, _ in DEFAULT_STAGES]
    for n in range(count):
        owner, by = chance.choice(owners)
        made = START + timedelta(minutes=chance.randrange(1_000_000))
        path = [stages[0], *chance.sample(stages[1:5], chance.randrange(3)), chance.choice(stages)]
        moves = [(made + timedelta(days=9 * i), s, by) for i, s in enumerate(dict.fromkeys(path))]
        values = {
            "dealname": f"Deal {n}",
            "pipeline": DEFAULT,
            "dealstage": moves[-1][1],
            "amount": str(chance.randrange(1, 900) * 10_000),
            "closedate": (made + timedelta(days=200)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "hubspot_owner_id": owner,
        }
        yield Seed(values, made, moves[-1][0], by, moves, [chance.choice(companies)])


def furnish(server: HubSpotServer, deals: int, seed: int = 7) -> range:
    """Fills an account with people, companies and deals; the deals' ids."""
    people = [server.person(f"{n.split()[0].lower()}@example.com", n) for n in PEOPLE]
    companies = server.fill(
        "companies",
        (
            Seed({"name": f"Company {n}", "domain": f"c{n}.example"}, START)
            for n in range(max(1, deals // 5))
        ),
    )
    owners = [(p.owner_id, p.source) for p in people]
    return server.fill("deals", seeds(deals, owners, companies, seed))


def furnish_items(server: HubSpotServer, deals: range, seed: int = 7) -> range:
    """Gives each deal a line item that recurs, with start and end; their ids."""
    chance = random.Random(seed)
    ends = [START + timedelta(days=chance.randrange(500, 1_000)) for _ in deals]
    items = server.fill(
        "line_items",
        (
            Seed(
                {
                    "name": "Pro",
                    "recurringbillingfrequency": "annually",
                    "hs_recurring_billing_start_date": f"{end - timedelta(days=364):%Y-%m-%d}",
                    "hs_recurring_billing_end_date": f"{end:%Y-%m-%d}",
                },
                START,
            )
            for end in ends
        ),
    )
    for deal, item in zip(deals, items, strict=True):
        server.portal.links.put("deals", deal, "line_items", [Link(item)])
    return items


def main() -> None:
    """Runs it."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--deals", type=int, default=100)
    wanted.add_argument("--port", type=int, default=0)
    wanted.add_argument("--seed", type=int, default=7)
    wanted.add_argument("--items", action="store_true", help="ends stand in line items")
    wanted.add_argument("--unlimited", action="store_true", help="no rate limits")
    given = wanted.parse_args()
    limits = Limits.none() if given.unlimited else Limits()
    with HubSpotServer(limits=limits, port=given.port) as server:
        made = furnish(server, given.deals, given.seed)
        if given.items:
            furnish_items(server, made, given.seed)
        print(f"HUBSPOT_API_URL={server.url}\nHUBSPOT_TOKEN={server.token}", flush=True)
        Event().wait()


if __name__ == "__main__":
    main()
