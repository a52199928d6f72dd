"""What a press is for, as the worklist finds it on both databases."""

import pytest

from scheduler.storage.answers.worklist import WorklistRows
from tests.inbound.slack.conftest import reception_on


@pytest.mark.parametrize("database", ["empty_sqlite_url", "empty_postgres_url"])
def test_what_was_told_together_is_found_with_its_deals(
    request: pytest.FixtureRequest, database: str
) -> None:
    for office in reception_on(request.getfixturevalue(database)):
        office.tell_everybody()
        store = WorklistRows(office.engine, office.engine)
        told = [key for (key,) in office.rows("nudges", "key")]
        one = store.deals_meant(told[0], for_all=False)
        assert [d.contract.number for d in one.values() if d] == ["C-1"]
        together = store.deals_meant(told[0], for_all=True)
        assert {d.contract.number for d in together.values() if d} == {"C-1", "C-2"}
        assert told[0] in together
        assert list(store.deals_meant("#1", for_all=True)) == ["#1"]
        assert store.deals_meant("gone", for_all=True) == {"gone": None}
