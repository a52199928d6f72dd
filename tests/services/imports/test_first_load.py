"""What a first load holds back, and the digest instead, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.core.policy.milestones import Milestone
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.imports.choices import Send
from scheduler.services.imports.first_load import finish_interrupted, held_back, send_digests
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.imports.first_load import HeldQueries
from tests import cast
from tests.import_cast import NOW, POLICY, Office

HEAD = "contract,customer,starts_on,ends_on,amount,owner\n"
FILE = (
    HEAD
    + "".join(
        f"C-{n},Customer {n},2026-01-01,2026-12-{n:02d},{n}000,Ann Ito\n" for n in range(1, 29)
    )
    + "C-99,Later,2026-01-01,2027-12-31,1,Ann Ito\n"
)
MILESTONES: tuple[Milestone, ...] = (cast.T3M, cast.T1M)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office with an empty database."""
    office = Office.at(database_url, tmp_path)
    office.policy = replace(POLICY, milestones=MILESTONES)
    yield office
    office.engine.dispose()


def loaded(office: Office, send: Send = Send.NONE) -> int:
    """The file, imported and swept; the import's number."""
    report = office.load_text(FILE, send=send)
    sweep_all(transactions(office.engine, SweepQueries), office.policy, NOW)
    assert report.import_id is not None
    return report.import_id


def test_a_first_load_tells_nobody_and_counts_what_it_held_back(office: Office) -> None:
    number = loaded(office)
    assert office.rows("nudges") == []
    assert held_back(transactions(office.engine, HeldQueries), number) == 28
    assert {d["stage"] for d in office.rows("deals")} == {"renewal_3m", "renewal_1m", "stable"}


def test_the_latest_of_each_deal_may_be_sent_instead(office: Office) -> None:
    number = loaded(office, Send.LATEST)
    assert len(office.rows("nudges")) == 28
    assert held_back(transactions(office.engine, HeldQueries), number) == 0


def test_each_person_gets_one_digest_with_the_most_urgent_and_the_whole_number(
    office: Office,
) -> None:
    number = loaded(office, Send.DIGEST)
    assert (
        send_digests(transactions(office.engine, HeldQueries), number, office.policy, (), NOW) == 1
    )
    (message,) = office.rows("messages")
    assert (
        message["kind"],
        message["person_id"],
        message["facts"]["count"],
        len(message["facts"]["items"]),
    ) == ("digest", 1, 28, 20)
    assert message["facts"]["items"][0]["risk"] >= message["facts"]["items"][-1]["risk"]
    assert message["not_before_at"] == NOW + timedelta(hours=6)


def test_asking_twice_sends_a_digest_once(office: Office) -> None:
    number = loaded(office, Send.DIGEST)
    for expected in (1, 0):
        assert (
            send_digests(transactions(office.engine, HeldQueries), number, office.policy, (), NOW)
            == expected
        )
    assert len(office.rows("messages")) == 1


def test_digests_of_a_load_that_was_interrupted_after_its_commit_are_queued_at_the_next_start_once(
    office: Office,
) -> None:
    office.load_text(FILE, send=Send.DIGEST)
    held = transactions(office.engine, HeldQueries)
    queued = [
        finish_interrupted(
            held,
            lambda: sweep_all(transactions(office.engine, SweepQueries), office.policy, NOW),
            office.policy,
            (),
            NOW,
        )
        for _ in range(2)
    ]
    assert queued == [1, 0]
    assert office.column("messages", "kind") == ["digest"]


def test_a_load_that_asked_for_no_digest_owes_none(office: Office) -> None:
    loaded(office)
    assert (
        finish_interrupted(
            transactions(office.engine, HeldQueries), lambda: None, office.policy, (), NOW
        )
        == 0
    )
