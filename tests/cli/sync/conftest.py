"""The commands of HubSpot against accounts on this machine that have no limits."""

import pytest

from tests.hubspot.world import Time


@pytest.fixture(autouse=True)
def _nobody_waits_for_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sixth search in a second waits for the next one: the stopwatch moves by as much, as in the
    tests of the client, and nobody sits there until then."""
    monkeypatch.setattr("scheduler.app.hubspot.SystemStopwatch", Time)
