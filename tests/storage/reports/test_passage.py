"""The passage report's sums on both databases, against a small case counted by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, delete, insert, update

from scheduler.core.deal.pipeline import Stage
from scheduler.services.reports.passage import Count, PassageReport, passage_report
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.reports.passage import PassageSums
from tests.cast import EXISTING, at
from tests.storage.builders import T, add_contract

Passed = tuple[str | None, str, bool]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    yield engine
    engine.dispose()


def add(
    connection: Connection,
    number: str,
    stage: str,
    passages: Sequence[Passed],
    pipeline: str = "existing",
) -> int:
    """A deal that stands in `stage` after these passages (from, to, observed)."""
    _, deal = add_contract(connection, number, stage=stage, pipeline=pipeline)
    connection.execute(delete(T["passages"]).where(T["passages"].c.deal_id == deal))
    rows = [
        {
            "deal_id": deal,
            "from_stage": a,
            "to_stage": b,
            "observed": seen,
            "at": at("2026-05-01"),
            "because": "",
            "actor_kind": "policy",
            "actor": "x",
        }
        for a, b, seen in passages
    ]
    connection.execute(insert(T["passages"]), rows)
    return deal


def report(engine: Engine, **changed: object) -> PassageReport:
    return passage_report(PassageSums(engine), replace(EXISTING, **changed))  # type: ignore[arg-type]


def counted(of: PassageReport) -> dict[str, tuple[int, Count, Count, Count]]:
    """What is not zero, by stage: now, ever passed, furthest reached, last before lost."""
    lines = {
        line.stage.id: (line.now, line.ever_passed, line.furthest_reached, line.last_before_lost)
        for line in of.lines
    }
    return {
        stage: counts for stage, counts in lines.items() if counts != (0, Count(), Count(), Count())
    }


def test_a_small_case_counted_by_hand(engine: Engine) -> None:
    """
    A  onboarding, stable, at risk, stable                 stands in stable; came as far as at risk
    B  stable, renewal 3m, lost                            lost from renewal 3m
    C  stable*, renewal 3m*, renewal 1m*, lost* the same, reconstructed, lost from renewal 1m
    D  stable*, then seen in stable again, won             both kinds of history: observed counts
    E  lost* from nobody knows where, F  lost* before the first stage
    """
    with engine.begin() as connection:
        add(
            connection,
            "A",
            "stable",
            [
                (None, "onboarding", True),
                ("onboarding", "stable", True),
                ("stable", "at_risk", True),
                ("at_risk", "stable", True),
            ],
        )
        add(
            connection,
            "B",
            "lost",
            [(None, "stable", True), ("stable", "renewal_3m", True), ("renewal_3m", "lost", True)],
        )
        chain = [
            (None, "stable"),
            ("stable", "renewal_3m"),
            ("renewal_3m", "renewal_1m"),
            ("renewal_1m", "lost"),
        ]
        add(connection, "C", "lost", [(a, b, False) for a, b in chain])
        add(
            connection,
            "D",
            "won",
            [(None, "stable", False), ("stable", "stable", True), ("stable", "won", True)],
        )
        add(connection, "E", "lost", [(None, "lost", False)])
        add(connection, "F", "lost", [("", "lost", False)])
    found = report(engine)
    assert found.deals == 6
    assert counted(found) == {
        "onboarding": (0, Count(1), Count(), Count()),
        "stable": (1, Count(3, 1), Count(1), Count()),
        "at_risk": (0, Count(1), Count(1), Count()),
        "renewal_3m": (0, Count(1, 1), Count(1), Count(1)),
        "renewal_1m": (0, Count(0, 1), Count(0, 1), Count(0, 1)),
        "won": (1, Count(1), Count(), Count()),
        "lost": (4, Count(1, 3), Count(), Count()),
    }
    assert (found.lost_before_all, found.lost_unknown) == (Count(0, 1), Count(0, 1))


def test_a_customer_that_closed_or_merged_is_no_churn(engine: Engine) -> None:
    way: list[Passed] = [(None, "stable", True), ("stable", "lost", True)]
    with engine.begin() as connection:
        for number, reason in (("A", "budget"), ("B", "closed_merged"), ("C", None)):
            deal = add(connection, number, "lost", way)
            lost = {"reason": reason, "second": None, "avoidable": None, "note": ""}
            if reason:
                connection.execute(
                    update(T["deals"]).where(T["deals"].c.id == deal).values(lost=lost)
                )
    found = report(engine)
    assert counted(found)["stable"] == (0, Count(3), Count(3), Count(2))
    assert (found.not_churn, found.lost_unknown) == (Count(1), Count())


def test_the_furthest_stage_is_observed_if_any_entry_of_it_was(engine: Engine) -> None:
    with engine.begin() as connection:
        add(
            connection,
            "A",
            "renewal_3m",
            [
                ("stable", "renewal_3m", True),
                ("stable", "renewal_3m", False),
                (None, "stable", False),
            ],
        )
    assert counted(report(engine))["renewal_3m"][1:3] == (Count(1), Count(1))


def test_voided_deals_undone_passages_and_other_pipelines_count_nowhere(engine: Engine) -> None:
    with engine.begin() as connection:
        add(
            connection,
            "A",
            "renewal_3m",
            [(None, "stable", True), ("stable", "renewal_3m", True), ("renewal_3m", "lost", True)],
        )
        connection.execute(
            update(T["passages"])
            .where(T["passages"].c.to_stage == "lost")
            .values(voided_at=at("2026-06-01"))
        )
        void = add(connection, "B", "critical", [(None, "critical", True)])
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == void).values(voided_at=at("2026-06-01"))
        )
        add(connection, "C", "at_risk", [(None, "at_risk", True)], pipeline="another")
    found = report(engine)
    assert found.deals == 1
    assert counted(found) == {
        "stable": (0, Count(1), Count(), Count()),
        "renewal_3m": (1, Count(1), Count(1), Count()),
    }


def test_a_deal_lost_twice_counts_once_by_its_last_loss(engine: Engine) -> None:
    with engine.begin() as connection:
        add(
            connection,
            "A",
            "lost",
            [
                (None, "stable", True),
                ("stable", "lost", True),
                ("lost", "renewal_1m", True),
                ("renewal_1m", "lost", True),
            ],
        )
    found = {
        stage: counts[3]
        for stage, counts in counted(report(engine)).items()
        if counts[3] != Count()
    }
    assert found == {"renewal_1m": Count(1)}


def test_a_stage_that_replaced_another_counts_its_passages_as_its_own(engine: Engine) -> None:
    with engine.begin() as connection:
        add(
            connection,
            "A",
            "lost",
            [(None, "early", True), ("early", "t_minus_3", True), ("t_minus_3", "lost", True)],
        )
        add(
            connection,
            "B",
            "t_minus_3",
            [
                (None, "early", True),
                ("early", "t_minus_3", True),
                ("t_minus_3", "renewal_3m", True),
            ],
        )
    old = {"stable": ("early",), "renewal_3m": ("t_minus_3",)}
    stages = tuple(
        Stage(s.id, s.kind, s.label, s.definition, s.health, old.get(s.id, ()))
        for s in EXISTING.stages
    )
    found = counted(report(engine, stages=stages))
    assert found["stable"] == (0, Count(2), Count(), Count())
    assert found["renewal_3m"] == (1, Count(2), Count(2), Count(1))


def test_an_empty_pipeline_is_all_zeros(engine: Engine) -> None:
    assert (report(engine).deals, counted(report(engine))) == (0, {})
