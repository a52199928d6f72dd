"""What people do in HubSpot after the first load, each as the answer that it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from scheduler.core.deal.deal import LostReason
from scheduler.core.words.lexicon import Health, Language
from scheduler.core.words.reasons import word
from scheduler.services.sync.pulling import Pull
from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.census import CensusRows
from scheduler.storage.sync.ingesting import IngestRows
from tests.cast import label
from tests.core.sync.sync_cast import both as policy_of_both
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import SALES, STAGES, InStep, in_step


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """Two sides."""
    with in_step(engine) as made:
        yield made


def _loaded(both: InStep, **values: str) -> int:
    record = both.deal(**values)
    both.pull()
    both.sweep()
    both.here.time.passes(hours=1)
    return record


def test_a_move_among_active_stages_says_how_the_customer_does(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["at_risk"])
    both.here.time.passes(minutes=1)
    synced = both.pull()
    deal = both.ours(record)
    assert (deal.stage, deal.health) == ("at_risk", Health.AT_RISK)
    assert synced.took is not None
    assert synced.took.answers == 1
    assert both.way(deal)[-1] == ("stable", "at_risk", "Ann Ito", True)


def test_a_deal_won_there_is_won_here_and_the_next_term_opens(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["won"])
    both.here.time.passes(minutes=1)
    both.pull()
    deal = both.ours(record)
    assert (deal.stage, deal.won is not None) == ("won", True)
    following = [d for d in both.deals() if d.id != deal.id]
    assert [(d.stage, d.contract.starts_on) for d in following] == [("stable", date(2027, 4, 1))]


def test_a_deal_lost_there_is_lost_here_with_what_they_wrote(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].edits(record, {"closed_lost_reason": "too dear"})
    both.people["ann"].moves(record, STAGES["lost"])
    both.here.time.passes(minutes=1)
    both.pull()
    deal = both.ours(record)
    assert deal.stage == "lost"
    assert deal.lost is not None
    assert (deal.lost.reason, deal.lost.note) == ("other", "too dear")


@ON_BOTH
def test_people_may_skip_stages_there(both: InStep) -> None:
    record = _loaded(both, dealstage=STAGES["onboarding"])
    both.people["ann"].moves(record, STAGES["renewal_1m"])
    both.here.time.passes(minutes=1)
    both.pull()
    deal = both.ours(record)
    assert deal.stage == "renewal_1m"
    assert [to for _, to, _, seen in both.way(deal) if seen][-2:] == ["renewal_3m", "renewal_1m"]


def test_a_stage_that_means_the_same_is_no_move(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["calm"])
    both.here.time.passes(minutes=1)
    before = both.way(both.ours(record))
    both.pull()
    assert both.way(both.ours(record)) == before


def test_a_move_that_is_not_allowed_is_held_with_its_reason(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["renewal_3m"])
    both.here.time.passes(minutes=1)
    both.pull()
    both.people["ann"].moves(record, STAGES["onboarding"])
    both.here.time.passes(minutes=1)
    both.pull()
    assert both.ours(record).stage == "renewal_3m"
    assert "sync_refused" in both.record(record)["held"]


def test_what_is_held_stays_held_whatever_else_changes(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["renewal_3m"])
    both.here.time.passes(minutes=1)
    both.pull()
    both.people["ann"].moves(record, STAGES["onboarding"])
    both.here.time.passes(minutes=1)
    both.pull()
    both.people["ann"].edits(record, {"amount": "10"})
    both.here.time.passes(minutes=1)
    both.pull()
    assert both.ours(record).contract.amount.minor == 10
    assert "sync_refused" in both.record(record)["held"]
    both.here.time.passes(days=1)
    both.syncing.count(both.here.time.now())
    both.pull()
    assert "sync_refused" in both.record(record)["held"]


def test_what_a_person_has_to_decide_is_held_and_named(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].edits(record, {"ends_on": "2029-08-20"})
    both.here.time.passes(minutes=1)
    both.pull()
    assert str(both.ours(record).contract.ends_on) == "2027-03-31"
    assert "2029-08-20" in both.record(record)["held"]


@ON_BOTH
def test_dates_that_contradict_each_other_change_nothing_and_are_named(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].edits(record, {"starts_on": "2028-04-01"})
    both.here.time.passes(minutes=1)
    both.pull()
    assert str(both.ours(record).contract.starts_on) == "2026-04-01"
    assert str(both.ours(record).contract.ends_on) == "2027-03-31"
    assert "sync_unread" in both.record(record)["held"]
    both.people["ann"].edits(record, {"starts_on": "2026-05-01"})
    both.here.time.passes(minutes=1)
    both.pull()
    assert str(both.ours(record).contract.starts_on) == "2026-05-01"
    assert both.record(record)["held"] == ""


def test_what_was_read_again_meanwhile_is_taken_in_by_the_next_step(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].edits(record, {"amount": "10"})
    both.here.time.passes(minutes=1)
    other = both.syncing

    def read_again() -> None:
        """Another process, between the import and the moves."""
        both.people["ann"].edits(record, {"amount": "20"})
        both.here.time.passes(seconds=2)
        now = both.here.time.now()
        pull = Pull(other.pulling, other.deals, both.settings)
        while not pull.find(now) or not pull.complete(now):
            pass

    both.pull(before_moves=read_again)
    both.pull()
    assert both.ours(record).contract.amount.minor == 20


@ON_BOTH
def test_a_move_before_ours_is_told_as_a_conflict_that_ours_wins(both: InStep) -> None:
    record = both.deal(ends_on="2027-02-27")
    both.pull()
    both.here.time.passes(hours=1)
    both.people["ann"].moves(record, STAGES["at_risk"])
    both.here.time.passes(minutes=10)
    both.sweep()
    both.here.time.passes(minutes=1)
    both.pull()
    assert both.ours(record).stage == "renewal_3m"
    [conflict] = both.conflicts()
    assert (conflict["who"], conflict["theirs"], conflict["winner"]) == (
        "Ann Ito",
        STAGES["at_risk"],
        "ours",
    )
    assert "our value counts, because it is later" in word(conflict["because"], Language.EN)


@pytest.mark.parametrize("stage", ["at_risk", "won"])
def test_what_was_done_between_the_reading_of_a_new_deal_and_its_coming_in_is_not_lost(
    both: InStep, stage: str
) -> None:
    _loaded(both)
    record = both.deal(customer="Beta", dealname="New")
    both.here.time.passes(hours=1)
    syncing = both.syncing
    assert syncing.step(both.here.time.now()).more, "it was read, and the round goes on later"
    both.people["ann"].moves(record, STAGES[stage])
    both.here.time.passes(hours=1)
    while syncing.step(both.here.time.now()).more:
        assert both.deals()
    assert both.ours(record).stage == "stable"
    both.here.time.passes(hours=1)
    both.pull()
    assert both.way(both.ours(record))[-1] == ("stable", stage, "Ann Ito", True)


def test_an_answer_given_there_is_of_the_moment_at_which_it_was_given(both: InStep) -> None:
    record = _loaded(both)
    said_at = both.here.time.now()
    both.people["ann"].moves(record, STAGES["at_risk"])
    both.here.time.passes(hours=3)
    both.pull()
    assert both.ours(record).stage_entered_at == said_at


def test_of_two_moves_there_the_later_stands_however_late_the_first_is_taken_in(
    both: InStep,
) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["at_risk"])
    both.here.time.passes(minutes=1)
    syncing = both.syncing
    pull = Pull(syncing.pulling, syncing.deals, both.settings)
    while not pull.find(both.here.time.now()) or not pull.complete(both.here.time.now()):
        pass
    both.here.time.passes(minutes=5)
    both.people["ann"].moves(record, STAGES["critical"])
    both.here.time.passes(minutes=5)
    took = syncing.step(both.here.time.now()).took
    assert took is not None
    assert (took.answers, both.ours(record).stage) == (1, "at_risk")
    both.here.time.passes(minutes=1)
    both.pull()
    assert both.ours(record).stage == "critical"
    assert both.conflicts() == []


def test_the_end_pushed_forward_is_a_renewal_or_a_correction(both: InStep) -> None:
    record, other = _loaded(both), _loaded(both, dealname="Other", customer="Beta")
    both.people["ann"].edits(record, {"ends_on": "2028-03-31"})
    both.people["ann"].edits(other, {"ends_on": "2027-04-15"})
    both.here.time.passes(minutes=1)
    both.pull()
    assert str(both.ours(record).contract.ends_on) == "2028-03-31"
    assert both.ours(record).contract.term_number == 1
    assert str(both.ours(other).contract.ends_on) == "2027-04-15"
    assert both.ours(other).contract.term_number == 0


def test_another_owner_there_is_the_owner_here(both: InStep) -> None:
    record = _loaded(both)
    bob = both.here.server.person("bob@example.com", "Bob Hill")
    both.people["ann"].gives(record, bob)
    both.here.time.passes(hours=2)
    both.pull()
    owner = both.ours(record).owner
    assert owner is not None
    assert "bob@example.com" in (owner.email or owner.name)


def test_two_deals_merged_there_are_one_here(both: InStep) -> None:
    near, far = _loaded(both), _loaded(both, ends_on="2028-03-31", customer="Beta")
    into = both.people["ann"].merges(near, far)
    both.here.time.passes(minutes=1)
    both.pull()
    deals = both.deals()
    assert [d.stage for d in deals if d.lost is not None] == ["lost"]
    assert [d.contract.source_id for d in deals if d.lost is None] == [str(into)]


def test_a_merge_with_a_later_end_corrects_the_end_and_is_no_renewal(both: InStep) -> None:
    near, far = _loaded(both), _loaded(both, ends_on="2028-03-31", customer="Beta")
    deal = both.ours(near)
    into = both.people["ann"].merges(far, near)
    both.here.time.passes(minutes=1)
    both.pull()
    assert (kept := both.ours(into)).id == deal.id
    assert (str(kept.contract.ends_on), kept.won, kept.lost) == ("2028-03-31", None, None)
    assert len(both.deals()) == 2


@ON_BOTH
def test_a_merge_that_was_seen_before_the_process_died_is_no_renewal(both: InStep) -> None:
    near, far = _loaded(both), _loaded(both, ends_on="2028-03-31", customer="Beta")
    kept, now = both.ours(near).id, both.here.time.now()
    into = both.people["ann"].merges(far, near)
    both.here.time.passes(minutes=1)
    with transactions(both.engine, IngestRows)() as transaction:
        transaction.merge(str(into), [str(near), str(far)], kept, now)
    both.pull()
    assert str(both.ours(into).contract.ends_on) == "2028-03-31"
    assert both.ours(into).won is None


def test_an_end_a_year_later_after_a_merge_was_taken_in_is_a_renewal(both: InStep) -> None:
    near, far = _loaded(both), _loaded(both, ends_on="2028-03-31", customer="Beta")
    into = both.people["ann"].merges(far, near)
    both.here.time.passes(minutes=1)
    both.pull()
    both.people["ann"].edits(into, {"ends_on": "2029-03-31"})
    both.here.time.passes(minutes=1)
    both.pull()
    assert [str(d.contract.ends_on) for d in both.deals() if d.won] == ["2028-03-31"]


@ON_BOTH
@pytest.mark.parametrize("sale_stays", [True, False], ids=["into the sale", "into the contract"])
def test_a_sale_merged_with_a_contract_is_over_and_the_contract_goes_on(
    engine: Engine, *, sale_stays: bool
) -> None:
    reasons = (LostReason("closed_merged", label("Merged")),)
    policy = policy_of_both()
    listed = dict.fromkeys(policy.pipelines, reasons)
    with in_step(engine, policy=replace(policy, lost_reasons=listed)) as both:
        runs, sold = _loaded(both), {"pipeline": SALES, "dealstage": "appointmentscheduled"}
        sale = _loaded(both, **sold, ends_on="2026-12-31", customer="Beta")
        deal = both.ours(runs)
        assert both.ours(sale).pipeline == "new_business"
        first, second = (sale, runs) if sale_stays else (runs, sale)
        into = both.people["ann"].merges(first, second)
        both.here.time.passes(minutes=1)
        both.pull()
        kept = both.ours(into)
        assert (kept.id, kept.pipeline, kept.lost, kept.won) == (deal.id, "existing", None, None)
        assert [d.pipeline for d in both.deals() if d.lost is not None] == ["new_business"]
        assert both.pauses() == []


@ON_BOTH
def test_a_policy_without_the_usual_reasons_for_a_loss_takes_its_last_one(engine: Engine) -> None:
    ours = ("budget", "elsewhere")
    reasons = {"existing": tuple(LostReason(id, label(id)) for id in ours)}
    with in_step(engine, policy=replace(policy_of_both(), lost_reasons=reasons)) as both:
        near, far = _loaded(both), _loaded(both, ends_on="2028-03-31", customer="Beta")
        lost = _loaded(both, customer="Gamma")
        both.people["ann"].merges(near, far)
        both.people["ann"].moves(lost, STAGES["lost"])
        both.here.time.passes(minutes=1)
        both.pull()
        found = [deal.lost.reason for deal in both.deals() if deal.lost is not None]
        assert found == ["elsewhere", "elsewhere"]


def test_a_record_that_seemed_deleted_before_its_merge_was_seen_goes_on(both: InStep) -> None:
    server = both.here.server
    near, far = _loaded(both), _loaded(both, ends_on="2028-03-31", customer="Beta")
    server.switches = replace(server.switches, merged_answers=False, search_lag=60_000)
    into = both.people["ann"].merges(near, far)
    with transactions(both.engine, CensusRows)() as fates:
        fates.look([str(near), str(far)])
    both.pull()
    assert sorted(both.pauses()) == sorted([str(near), str(far)])
    both.here.time.passes(minutes=2)
    both.pull()
    assert [d.contract.source_id for d in both.deals() if d.lost is None] == [str(into)]
    assert str(near) not in both.pauses()
    assert both.record(near)["state"] == both.record(far)["state"] == "merged"


def test_what_a_person_has_to_decide_of_a_merged_record_is_held_too(both: InStep) -> None:
    near, far = _loaded(both), _loaded(both, ends_on="2028-03-31", customer="Beta")
    into = both.people["ann"].merges(near, far)
    both.here.time.passes(minutes=1)
    both.pull()
    both.people["ann"].edits(into, {"ends_on": "2029-08-20"})
    both.here.time.passes(minutes=1)
    both.pull()
    assert "2029-08-20" in both.record(into)["held"]


@ON_BOTH
def test_a_renewal_deal_made_there_is_adopted(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["won"])
    both.here.time.passes(minutes=1)
    both.pull()
    company = both.ours(record).contract.customer
    new = both.here.server.add(
        "deals",
        {
            "dealname": "Aoba Pro 2027",
            "pipeline": "care",
            "dealstage": STAGES["stable"],
            "amount": "3600000",
            "deal_currency_code": "JPY",
            "starts_on": "2027-04-01",
            "ends_on": "2028-03-31",
        },
        company=both.companies["Aoba"],
    )
    both.here.time.passes(minutes=1)
    both.pull()
    assert len(both.deals()) == 2
    assert both.ours(new).contract.customer == company


def test_a_deleted_company_keeps_the_name_it_has_here(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].archives(both.companies["Aoba"], "companies")
    both.people["ann"].edits(record, {"amount": "10"})
    both.here.time.passes(minutes=1)
    both.pull()
    contract = both.ours(record).contract
    assert (contract.amount.minor, contract.customer.name) == (10, "Aoba")


@ON_BOTH
def test_a_deal_of_a_deleted_company_that_nobody_knows_is_put_off(both: InStep) -> None:
    record = both.deal()
    both.people["ann"].archives(both.companies["Aoba"], "companies")
    other = both.deal(customer="Beta")
    both.pull()
    assert [deal.contract.source_id for deal in both.deals()] == [str(other)]
    assert both.record(record)["waits"] == "put_off"
    both.people["ann"].restores(both.companies["Aoba"], "companies")
    both.here.time.passes(minutes=1)
    both.pull()
    assert both.ours(record).contract.customer.name == "Aoba"
