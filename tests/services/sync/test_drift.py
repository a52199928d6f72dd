"""Comparing everything with HubSpot: what differs, who is right, and that repair leaves nothing."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, update

from scheduler.core.sync.conflicts import Side
from scheduler.core.sync.drift import Aspect, Repair
from scheduler.core.sync.fields import DEFAULT_FIELDS
from scheduler.services.imports.editing import edit_contract
from scheduler.services.imports.undo import undo_import
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.editing import EditQueries
from scheduler.storage.imports.undo import UndoQueries
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.drift_world import DriftWorld, drift_world
from tests.services.sync.in_step import STAGES
from tests.services.sync.test_linked import ITEMS

PUSHES, RECORDS = metadata.tables["hubspot_pushes"], metadata.tables["hubspot_records"]


@pytest.fixture
def world(engine: Engine) -> Iterator[DriftWorld]:
    """Two sides, of which ours pushes."""
    with drift_world(engine) as made:
        yield made


def test_what_is_in_step_shows_no_difference(world: DriftWorld) -> None:
    for n in range(3):
        world.loaded(customer=f"Customer {n}")
    drift = world.compared()
    assert (drift.read, drift.found, drift.findings) == (3, 0, [])
    assert drift.counts == {"told_all": 3}


Change = Callable[[DriftWorld, int], object]


def _linked_anew(world: DriftWorld, record: int) -> None:
    """Another company, which moves nobody's date of change."""
    server = world.push.both.here.server
    world.ann.unlinks(record, world.push.both.companies["Aoba"])
    world.ann.links(record, server.add("companies", {"name": "Midori"}))


@pytest.mark.parametrize(
    ("change", "name", "after"),
    [
        (lambda w, r: w.unseen(r, ends_on="2027-06-30"), "ends_on", "2027-06-30"),
        (lambda w, r: w.unseen(r, amount="10"), "amount", "10"),
        (lambda w, r: w.unseen(r, dealname="Aoba Max"), "title", "Aoba Max"),
        (lambda w, r: w.unseen(r, hubspot_owner_id=w.ann.owner_id), "owner", "ann@example.com"),
        (_linked_anew, "customer", "Midori"),
        (
            lambda w, r: w.ann.edits(
                w.push.both.companies["Aoba"], {"name": "Aoba KK"}, "companies"
            ),
            "customer",
            "Aoba KK",
        ),
    ],
)
def test_a_change_that_no_round_ever_saw_is_found_and_taken_in_again(
    world: DriftWorld, change: Change, name: str, after: str
) -> None:
    record = world.loaded()
    change(world, record)
    found = {f.name: f for f in world.compared().findings}
    assert name in found, found
    assert found[name].theirs.endswith(after), found
    assert {(f.aspect, f.right, f.mend) for f in found.values()} == {
        (Aspect.FIELD, Side.THEIRS, Repair.TAKE_IN)
    }
    assert world.repaired().found == 0
    assert world.compared().found == 0


def test_comparing_alone_changes_nothing(world: DriftWorld) -> None:
    record = world.loaded()
    world.unseen(record, ends_on="2027-06-30")
    before = world.ours(record), dict(world.push.both.record(record)), world.push.there(record)
    world.compared()
    assert before == (
        world.ours(record),
        dict(world.push.both.record(record)),
        world.push.there(record),
    )
    world.round()
    assert str(world.ours(record).contract.ends_on) == "2027-03-31"


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (lambda w, r: w.ann.archives(r), "archived"),
        (lambda w, r: w.ann.purges(r), "deleted"),
        (lambda w, r: w.unseen(r, pipeline="other", dealstage="other_open"), "moved_out"),
    ],
)
def test_a_record_that_is_gone_there_is_found_and_its_contract_paused(
    world: DriftWorld, act: Change, state: str
) -> None:
    world.push.both.here.server.pipeline("Other", ("other_open", "Open", 0.5), id_="other")
    record = world.loaded()
    act(world, record)
    (wrong,) = world.compared().findings
    assert (wrong.aspect, wrong.theirs, wrong.ours) == (Aspect.RECORD, state, "here")
    assert (wrong.right, wrong.mend) == (Side.THEIRS, Repair.LOOK_UP)
    assert world.repaired().found == 0
    assert world.push.both.pauses() == [str(record)]
    assert world.compared().found == 0


def test_a_record_that_came_back_unnoticed_goes_on(world: DriftWorld) -> None:
    record = world.loaded()
    world.ann.archives(record)
    world.repaired()
    world.push.both.here.server.search_loses(record)
    world.ann.restores(record)
    world.push.later(hours=1)
    world.round()
    world.push.later(hours=1)
    (wrong,) = world.compared().findings
    assert (wrong.theirs, wrong.ours, wrong.mend) == ("here", "paused", Repair.LOOK_UP)
    assert world.repaired().found == 0
    assert world.push.both.pauses() == []


@ON_BOTH
def test_a_pause_without_a_reason_ends(world: DriftWorld) -> None:
    record = world.loaded()
    world.ann.archives(record)
    world.repaired()
    with world.push.both.engine.begin() as connection:
        connection.execute(update(RECORDS).values(state="here"))
    world.ann.restores(record)
    world.push.later(hours=1)
    world.round()
    world.push.later(hours=1)
    (wrong,) = world.compared().findings
    assert (wrong.theirs, wrong.ours) == ("here", "paused")
    assert world.repaired().found == 0
    assert world.push.both.pauses() == []


def test_a_pause_that_a_person_ended_is_no_difference(world: DriftWorld) -> None:
    record = world.loaded()
    world.ann.archives(record)
    world.repaired()
    world.push.both.resume(record)
    assert world.compared().found == 0


@ON_BOTH
def test_deals_that_became_one_take_its_id(world: DriftWorld) -> None:
    one, two = world.loaded(), world.loaded()
    into = world.ann.merges(one, two)
    assert world.compared().found == 0, "the next round reads it anyway"
    world.push.both.here.server.search_loses(into)
    world.push.later(hours=1)
    world.round()
    world.push.later(hours=1)
    drift = world.compared()
    assert {f.mend for f in drift.findings} == {Repair.ADOPT}
    assert {f.theirs for f in drift.findings} == {str(into)}
    assert world.repaired().found == 0
    assert world.ours(into).contract.number in (str(one), str(two), str(into))
    assert world.compared().found == 0


def test_our_properties_that_somebody_changed_are_told_again(world: DriftWorld) -> None:
    record = world.loaded()
    told = world.push.there(record)["renewals_health"]
    world.ann.edits(record, {"renewals_health": "critical", "renewals_ends_on": ""})
    world.push.later(hours=1)
    world.round()
    drift = world.compared()
    assert {(f.name, f.theirs, f.ours) for f in drift.findings} == {
        ("renewals_health", "critical", told),
        ("renewals_ends_on", "", "2027-03-31"),
    }
    assert {(f.right, f.mend) for f in drift.findings} == {(Side.OURS, Repair.PUSH)}
    assert world.repaired().found == 0
    assert world.push.there(record)["renewals_health"] == told
    assert world.compared().found == 0


def test_a_move_there_that_no_round_saw_is_followed(world: DriftWorld) -> None:
    record = world.loaded()
    world.unseen(record, dealstage=STAGES["at_risk"])
    (wrong,) = world.compared().findings
    assert (wrong.aspect, wrong.theirs, wrong.ours) == (
        Aspect.STAGE,
        f"care/{STAGES['at_risk']}",
        "stable",
    )
    assert (wrong.right, wrong.mend) == (Side.THEIRS, Repair.TAKE_IN)
    assert world.repaired().found == 0
    assert world.ours(record).stage == "at_risk"
    assert world.compared().found == 0


def _taken_for_told(world: DriftWorld) -> None:
    """The database says that HubSpot was told of everything."""
    deals = world.push.both.deals()
    with world.push.both.engine.begin() as connection:
        for deal in deals:
            connection.execute(
                update(PUSHES).where(PUSHES.c.deal_id == deal.id).values(version=deal.version)
            )


@ON_BOTH
def test_an_answer_that_never_arrived_there_is_told_again(world: DriftWorld) -> None:
    record = world.loaded()
    world.push.at_risk(record)
    _taken_for_told(world)
    stage = next(f for f in world.compared().findings if f.aspect is Aspect.STAGE)
    assert (stage.right, stage.mend, stage.ours) == (Side.OURS, Repair.PUSH, "at_risk")
    assert world.repaired().found == 0
    assert world.push.there(record)["dealstage"] == STAGES["at_risk"]
    assert world.compared().found == 0


def test_a_move_there_that_came_before_ours_and_was_never_seen_loses(world: DriftWorld) -> None:
    record = world.loaded()
    world.unseen(record, dealstage=STAGES["critical"])
    world.push.at_risk(record)
    _taken_for_told(world)
    stage = next(f for f in world.compared().findings if f.aspect is Aspect.STAGE)
    assert (stage.right, stage.theirs) == (Side.OURS, f"care/{STAGES['critical']}")
    assert world.repaired().found == 0
    assert world.push.there(record)["dealstage"] == STAGES["at_risk"]
    assert [c["winner"] for c in world.push.both.conflicts()] == ["ours"]


@ON_BOTH
def test_an_import_that_was_undone_comes_back(world: DriftWorld) -> None:
    records = [world.push.both.deal(customer=f"Customer {n}") for n in range(3)]
    world.round()
    undoing = transactions(world.push.both.engine, UndoQueries)
    assert undo_import(undoing, 1, world.push.both.here.time.now()).contracts == 3
    world.push.later(hours=1)
    world.round()
    assert world.push.both.deals() == []
    drift = world.compared()
    assert {(f.ours, f.mend) for f in drift.findings} == {("no_deal", Repair.TAKE_IN)}
    assert sorted(f.record_id for f in drift.findings) == sorted(map(str, records))
    assert world.repaired().found == 0
    assert [world.ours(r).stage for r in records] == ["stable"] * 3
    assert world.compared().found == 0


@ON_BOTH
def test_a_deal_that_no_list_and_no_search_ever_showed_comes_in(world: DriftWorld) -> None:
    world.loaded()
    lost = world.push.both.deal(customer="Sakura")
    world.push.both.here.server.search_loses(lost)
    world.push.later(hours=1)
    world.round()
    world.push.later(hours=1)
    (wrong,) = world.compared().findings
    assert (wrong.record_id, wrong.customer, wrong.ours) == (str(lost), "Sakura", "no_deal")
    assert world.repaired().found == 0
    assert world.ours(lost).contract.customer.name == "Sakura"


def test_what_the_next_round_reads_anyway_is_no_drift(world: DriftWorld) -> None:
    record = world.loaded()
    world.ann.edits(record, {"ends_on": "2027-06-30"})
    world.push.both.deal(customer="New")
    drift = world.compared()
    assert (drift.found, drift.counts["coming"]) == (0, 3)


def test_what_is_held_is_told_as_held(world: DriftWorld) -> None:
    record = world.loaded()
    world.ann.edits(record, {"ends_on": "2029-08-20"})
    world.push.later(minutes=1)
    world.round()
    drift = world.compared()
    assert (drift.found, drift.counts["held"]) == (0, 1)


def test_what_hubspot_refuses_is_told_as_parked(world: DriftWorld) -> None:
    record = world.loaded()
    rules = world.push.both.here.server.rules
    rules.required_at[STAGES["lost"]] = ("closed_lost_reason",)
    world.push.lose(record)
    assert world.compared().counts["told_due"] == 1
    world.push.push()
    drift = world.compared()
    assert (drift.found, drift.counts["told_parked"]) == (0, 1)


@ON_BOTH
def test_what_somebody_set_by_hand_here_stays(world: DriftWorld) -> None:
    record = world.loaded()
    edit_contract(
        transactions(world.push.both.engine, EditQueries),
        str(record),
        {"amount": "5000000"},
        world.push.both.policy,
        world.push.both.here.time.now(),
        by="Ken Abe",
        keep=True,
    )
    world.push.push()
    assert world.compared().found == 0
    world.unseen(record, amount="4000000")
    drift = world.compared()
    assert [f.name for f in drift.findings if f.name == "amount"] == []
    assert drift.counts["edited"] == 1
    world.compared(mark=True)
    world.round()
    assert world.ours(record).contract.amount.minor == 5_000_000


def test_a_term_that_was_won_and_the_next_one_are_in_step(world: DriftWorld) -> None:
    record = world.loaded()
    world.ann.moves(record, STAGES["won"])
    for _ in range(2):
        world.push.later(hours=1)
        world.round()
        world.push.both.sweep()
    assert len(world.push.both.deals()) == 2
    assert world.compared().found == 0


def _with_item(world: DriftWorld, **item: str) -> tuple[int, int]:
    """A deal of both sides whose term stands in a line item, and that item."""
    record = world.push.both.deal(starts_on="", ends_on="")
    given = {
        "name": "Pro",
        "hs_recurring_billing_start_date": "2026-04-01",
        "hs_recurring_billing_end_date": "2027-03-31",
    }
    id = world.push.both.here.server.add("line_items", given | item)
    world.ann.links(record, id, ("deals", "line_items"), primary=False)
    world.round()
    world.push.later(hours=1)
    world.round()
    world.push.later(hours=1)
    return record, id


def test_an_end_in_a_line_item_is_compared_with_that_line_item(engine: Engine) -> None:
    with drift_world(engine, fields={**DEFAULT_FIELDS, **ITEMS}) as world:
        record, item = _with_item(world)
        assert str(world.ours(record).contract.ends_on) == "2027-03-31"
        assert world.compared().found == 0
        world.ann.edits(item, {"hs_recurring_billing_end_date": "2027-04-30"}, "line_items")
        found = {f.name: (f.theirs, f.ours, f.right, f.mend) for f in world.compared().findings}
        assert found["ends_on"] == ("2027-04-30", "2027-03-31", Side.THEIRS, Repair.TAKE_IN), found
        assert found.keys() == {"ends_on", "term"}
        assert world.repaired().found == 0
        assert str(world.ours(record).contract.ends_on) == "2027-04-30"
        assert world.compared().found == 0


def test_line_items_that_may_not_be_read_any_more_are_no_difference(engine: Engine) -> None:
    with drift_world(engine, fields={**DEFAULT_FIELDS, **ITEMS}) as world:
        _with_item(world)
        here = world.push.both.here
        token = here.server.tokens[here.token]
        here.server.tokens[here.token] = token.without("crm.objects.line_items.read")
        drift = world.compared()
        assert (drift.read, drift.found, drift.counts["unread"]) == (1, 0, 0)


def test_our_properties_of_a_term_renewed_in_the_same_record_are_compared(
    world: DriftWorld,
) -> None:
    record = world.loaded()
    world.ann.edits(record, {"ends_on": "2028-03-31"})
    for _ in range(2):
        world.push.later(hours=1)
        world.round()
        world.push.both.sweep()
    world.push.later(hours=1)
    assert len(world.push.both.deals()) == 2
    assert world.compared().counts == {"told_all": 1}
    world.ann.edits(record, {"renewals_ends_on": "2027-03-31"})
    world.push.later(hours=1)
    world.round()
    (wrong,) = world.compared().findings
    assert (wrong.name, wrong.ours, wrong.mend) == ("renewals_ends_on", "2028-03-31", Repair.PUSH)
    assert world.repaired().found == 0
    assert world.push.there(record)["renewals_ends_on"] == "2028-03-31"


@ON_BOTH
def test_a_record_that_was_won_tells_of_its_own_term_and_not_of_the_next(
    world: DriftWorld,
) -> None:
    record = world.loaded()
    world.ann.edits(record, {"ends_on": "2028-03-31"})
    world.push.later(seconds=2)
    world.ann.moves(record, STAGES["won"])
    for _ in range(2):
        world.push.later(hours=1)
        world.round()
        world.push.both.sweep()
    assert world.ours(record).won is None
    drift = world.compared()
    assert (drift.found, drift.counts) == (0, {"told_another": 1})


def test_a_record_that_was_won_tells_of_its_own_term_where_nothing_is_written_too(
    engine: Engine,
) -> None:
    with drift_world(engine, push=False) as world:
        record = world.loaded()
        world.ann.edits(record, {"ends_on": "2028-03-31"})
        world.push.later(seconds=2)
        world.ann.moves(record, STAGES["won"])
        for _ in range(2):
            world.push.later(hours=1)
            world.round()
            world.push.both.sweep()
        assert world.ours(record).won is None
        drift = world.compared()
        assert (drift.found, drift.counts["unpushed"]) == (0, 0)


def test_where_nothing_is_written_only_our_side_is_compared(engine: Engine) -> None:
    with drift_world(engine, push=False) as world:
        record = world.loaded()
        world.push.at_risk(record)
        drift = world.compared()
        assert (drift.found, drift.counts["unpushed"]) == (0, 1)
        world.unseen(record, amount="10")
        assert world.repaired().found == 0
        assert world.ours(record).contract.amount.minor == 10
        assert world.push.calls("batch update") == 0


def test_a_repair_that_breaks_off_is_gone_on_with_by_the_next_round(world: DriftWorld) -> None:
    one, two = world.loaded(), world.loaded(customer="Sakura")
    for record in (one, two):
        world.unseen(record, amount="10")
    first = next(iter(world.check(page=1).pages()))
    assert len(first.findings) == 1
    world.compared(mark=True, page=1)
    world.round()
    assert {world.ours(r).contract.amount.minor for r in (one, two)} == {10}
    assert world.compared(page=1).found == 0


@ON_BOTH
def test_a_thousand_in_step_are_read_a_hundred_a_request(engine: Engine) -> None:
    with drift_world(engine, push=False) as world:
        for n in range(230):
            world.push.both.deal(customer=f"Customer {n % 20}")
        world.push.both.pull()
        world.push.later(hours=1)
        world.push.both.pull()
        log = world.push.both.here.server.log
        log.clear()
        drift = world.compared()
        assert (drift.read, drift.found) == (230, 0)
        reads = log.of("batch read", "deals")
        assert (len(reads), log.count["list"]) == (3, 3)


def test_what_a_customer_is_called_is_asked_for_once_over_all_pages(world: DriftWorld) -> None:
    for n in range(2):
        world.loaded(dealname=f"Deal {n}")
    asked = world.push.both.here.server.log.count
    before = asked["batch read"]
    assert world.compared(page=1).found == 0
    assert asked["batch read"] == before + 2 + 1, "a page for each deal, and the name"
