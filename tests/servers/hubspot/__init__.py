"""A HubSpot account on loopback: a real HTTP server that keeps deals, companies, owners and
pipelines, behaves as HubSpot's public pages say, and misbehaves on request.

with HubSpotServer(clock=clock.now) as hubspot:
    ann = hubspot.person("ann@example.com", "Ann")
    deal = hubspot.add("deals", {"dealname": "Aoba", "dealstage": "contractsent"})
    ...                          # the program talks to hubspot.url with hubspot.token
    ann.moves(deal, "closedwon")
    hubspot.faults.next("batch update", cut_after())
    hubspot.switches = replace(hubspot.switches, bad_input="each")
    hubspot.log.count["search"], hubspot.state(), hubspot.journal

Where a rule comes from stands beside it:
[H] a page of HubSpot (developers.hubspot.com, knowledge.hubspot.com)
[S] the public specification, github.com/HubSpot/HubSpot-public-api-spec-collection, folders 2026-09
[I] a thread of a public repository, named owner/repository#number
[R] a page of HubSpot as others report it
[?] known from use or inferred: then it is a setting of `Switches`, or nothing hangs on it

`python -m tests.servers.hubspot --deals 100000` runs one by itself.
"""

from tests.servers.hubspot.crowd import Crowd
from tests.servers.hubspot.faults import (
    Fault,
    cut_after,
    cut_before,
    empty_207,
    half_body,
    half_page,
    html,
    locked,
    migrating,
    rate_limited,
    same_page,
    slow,
    status,
)
from tests.servers.hubspot.filling import Seed
from tests.servers.hubspot.limits import Limits
from tests.servers.hubspot.people import Person
from tests.servers.hubspot.replay import replayed
from tests.servers.hubspot.server import HubSpotServer
from tests.servers.hubspot.switches import Switches
from tests.servers.hubspot.tokens import Token

__all__ = [
    "Crowd",
    "Fault",
    "HubSpotServer",
    "Limits",
    "Person",
    "Seed",
    "Switches",
    "Token",
    "cut_after",
    "cut_before",
    "empty_207",
    "half_body",
    "half_page",
    "html",
    "locked",
    "migrating",
    "rate_limited",
    "replayed",
    "same_page",
    "slow",
    "status",
]
