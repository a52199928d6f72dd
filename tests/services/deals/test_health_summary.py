"""How a whole book does: who is not assessed is counted apart."""

from dataclasses import replace

from scheduler.core.health.timeline import SaidHealth
from scheduler.core.words.lexicon import Health
from scheduler.services.deals.health_summary import ORDER, health_summary
from tests.cast import ANN, at
from tests.core.rules.test_health import UNDER, measured
from tests.core.rules.test_pulse import UNDER as ASKING

NOW = at("2026-12-31 09:00")


def test_who_is_not_assessed_is_counted_apart_and_never_as_stable() -> None:
    deals = [measured(), measured(), measured(health=Health.STABLE)]
    book = health_summary(deals, UNDER, NOW)
    assert [(c.health, c.deals) for c in book.counts] == list(zip(ORDER, (1, 0, 0, 2), strict=True))
    assert [c.never_asked for c in book.counts] == [0, 0, 0, 2]
    assert book.never_asked == ((ANN.name, 2),)


def test_a_word_that_is_too_old_is_counted_as_old() -> None:
    said = SaidHealth(Health.STABLE, at("2026-09-01"), "Ann")
    old = measured(health=Health.STABLE, said_health=said)
    fresh = measured(health=Health.STABLE, said_health=replace(said, at=at("2026-12-01")))
    stable, *_ = health_summary([old, fresh], ASKING, NOW).counts
    assert (stable.deals, stable.said, stable.old) == (2, 2, 1)


def test_deals_that_are_over_do_not_count() -> None:
    book = health_summary([measured(stage="won"), measured(stage="lost")], UNDER, NOW)
    assert not any(c.deals for c in book.counts)
