"""The first load: everything in our care comes in once, with its history, silently."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from scheduler.core.policy.hubspot import StageMap
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import CARE, STAGES, InStep, in_step, settings


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """An empty account and an empty database."""
    with in_step(engine) as made:
        yield made


def test_deals_come_in_with_customer_terms_owner_and_link(both: InStep) -> None:
    ann = both.people["ann"]
    record = both.deal(customer="Aoba Trading", hubspot_owner_id=ann.owner_id)
    synced = both.pull()
    deal = both.ours(record)
    assert synced.took is not None
    assert synced.took.report is not None
    assert (synced.took.report.new, synced.took.report.first_load) == (1, True)
    assert (deal.pipeline, deal.stage) == ("existing", "stable")
    assert deal.contract.customer.name == "Aoba Trading"
    assert str(deal.contract.ends_on) == "2027-03-31"
    assert deal.contract.amount.minor == 3_600_000
    assert deal.contract.url is not None
    assert deal.contract.url.endswith(f"/record/0-3/{record}")
    assert deal.baseline_at is not None


def test_the_way_there_is_told_with_who_went_it(both: InStep) -> None:
    ann = both.people["ann"]
    record = both.deal(dealstage=STAGES["onboarding"])
    both.here.time.passes(days=30)
    ann.moves(record, STAGES["stable"])
    both.here.time.passes(days=30)
    ann.moves(record, STAGES["at_risk"])
    both.pull()
    assert [(f, to, by, seen) for f, to, by, seen in both.way(both.ours(record))][1:] == [
        ("onboarding", "stable", "Ann Ito", False),
        ("stable", "at_risk", "Ann Ito", False),
    ]


def test_the_second_run_changes_nothing_and_asks_once(both: InStep) -> None:
    record = both.deal()
    both.pull()
    before = both.ours(record)
    both.here.time.passes(minutes=1)
    asked = len(both.here.server.log.calls)
    both.pull()
    assert both.ours(record) == before
    new = [call.path for call in both.here.server.log.calls[asked:]]
    assert [path for path in new if "/deals/" in path and "crm/objects" in path] == [
        "/crm/objects/2026-09/deals/search"
    ]


def test_pipelines_that_are_not_mapped_stay_out(both: InStep) -> None:
    both.here.server.pipeline("Else", ("else_open", "Open", 0.5), id_="else")
    both.deal(pipeline="else", dealstage="else_open")
    kept = both.deal(pipeline=CARE)
    both.pull()
    assert [deal.contract.source_id for deal in both.deals()] == [str(kept)]


def test_a_stage_without_a_place_is_held_and_named(engine: Engine) -> None:
    rules = [r for r in settings().stages.rules if r.theirs[1] != STAGES["critical"]]
    with in_step(engine, settings=settings(stages=StageMap(tuple(rules)))) as both:
        known, fresh = both.deal(), both.deal(dealstage=STAGES["critical"], customer="Beta")
        both.pull()
        assert [d.contract.source_id for d in both.deals()] == [str(known)]
        assert "sync_unmapped" in both.record(fresh)["held"]
        both.here.time.passes(hours=1)
        both.people["ann"].moves(known, STAGES["critical"])
        both.here.time.passes(minutes=1)
        both.pull()
        assert both.ours(known).stage == "stable"
        assert STAGES["critical"] in both.record(known)["held"]
        both.settings = settings()
        both.pull()
        assert both.ours(known).stage == "critical"
        assert both.ours(fresh).stage == "critical"
        assert (both.record(known)["held"], both.record(fresh)["held"]) == ("", "")


@ON_BOTH
def test_a_deal_without_a_company_is_a_customer_of_its_own(both: InStep) -> None:
    record = both.here.server.add(
        "deals", {"dealname": "Solo", "pipeline": CARE, "dealstage": STAGES["stable"]}
    )
    both.pull()
    assert both.ours(record).contract.customer.name == "Solo"
