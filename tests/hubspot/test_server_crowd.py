"""A crowd acts on the server for tests, and the server's books agree."""

import pytest

from tests.hubspot.calling import Caller
from tests.hubspot.conftest import StandingClock
from tests.servers.hubspot import Crowd, HubSpotServer, Switches, replayed


def furnished(hubspot: HubSpotServer) -> None:
    """Ten companies with three deals each."""
    for n in range(10):
        company = hubspot.add("companies", {"name": f"Company {n}"})
        for stage in ("contractsent", "closedwon", "qualifiedtobuy"):
            values = {"dealname": f"Deal {n}", "dealstage": stage}
            hubspot.add("deals", values, company=company)


def without_companies(hubspot: HubSpotServer) -> object:
    """The state as the journal can tell it."""
    state = hubspot.state()
    return {
        kind: {i: {k: v for k, v in r.items() if k != "companies"} for i, r in records.items()}
        for kind, records in state.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_journal_alone_tells_the_state_after_a_week(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock, seed: int
) -> None:
    furnished(hubspot)
    hubspot.switches = Switches.drawn(seed)
    before, lines = hubspot.state(), len(hubspot.journal)
    crowd = Crowd(hubspot, seed)
    for _ in range(400):
        clock.forward(minutes=25)
        crowd.acts()
    assert without_companies(hubspot) == replayed(before, hubspot.journal[lines:])
    found = call.search(sorts=["hs_object_id"], limit=200)
    assert found.status == 200
    assert len(crowd.told) > 300


def test_a_seed_gives_the_same_week(clock: StandingClock) -> None:
    def week(seed: int) -> list[str]:
        server = HubSpotServer(clock)
        furnished(server)
        crowd = Crowd(server, seed)
        for _ in range(50):
            crowd.acts()
        server.close()
        return crowd.told

    assert week(1) == week(1) != week(2)


def test_somebody_acts_between_reads_and_writes(hubspot: HubSpotServer, call: Caller) -> None:
    furnished(hubspot)
    crowd = Crowd(hubspot, 1)
    crowd.between(1.0, kinds=("batch read",))
    for _ in range(3):
        call.read(1)
    assert len(crowd.told) == 3
