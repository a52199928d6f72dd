"""What the back-test of health reads in addition to the terms that ended: their deals, and
everything that was ever measured of them. Always holds: only passages that were seen when they
happened say in which stage a deal was."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from typing_extensions import override

from scheduler.core.health.backtest import ReceivedValue
from scheduler.core.words.lexicon import Verb
from scheduler.services.reports.backtest import BacktestReading, SaidThen, StagedDeal, StageSeen
from scheduler.storage.database.deals import PASSAGES, load_deals
from scheduler.storage.database.values import said_health_from
from scheduler.storage.reports.history import ANSWERS
from scheduler.storage.reports.renewals import RenewalRows
from scheduler.storage.signals.reading import heard_signals

_MOST = 900
_SAYS_HEALTH = (Verb.HEALTH.value, Verb.ONBOARDED.value)


class BacktestRows(RenewalRows, BacktestReading):
    """The rows of the back-test."""

    @override
    def staged_deals(self, deals: Collection[int]) -> Mapping[int, StagedDeal]:
        wanted, found = list(deals), dict[int, StagedDeal]()
        for start in range(0, len(wanted), _MOST):
            some = wanted[start : start + _MOST]
            seen, said = self._seen(some), self._said(some)
            for deal in load_deals(self._connection, some, told=False):
                found[deal.id] = StagedDeal(deal, tuple(seen[deal.id]), tuple(said[deal.id]))
        return found

    def _seen(self, deals: Sequence[int]) -> Mapping[int, list[StageSeen]]:
        """The stages that deals were seen to enter."""
        query = (
            select(PASSAGES.c.deal_id, PASSAGES.c.at, PASSAGES.c.to_stage, PASSAGES.c.voided_at)
            .where(
                PASSAGES.c.deal_id.in_(deals),
                PASSAGES.c.observed.is_(True),
                PASSAGES.c.at.is_not(None),
            )
            .order_by(PASSAGES.c.id)
        )
        found: dict[int, list[StageSeen]] = defaultdict(list)
        for deal, *seen in self._connection.execute(query):
            found[deal].append(StageSeen(*seen))
        return found

    def _said(self, deals: Sequence[int]) -> Mapping[int, list[SaidThen]]:
        """What people said of the health of deals."""
        query = (
            select(ANSWERS.c.deal_id, ANSWERS.c.at, ANSWERS.c.undone_at, ANSWERS.c.before)
            .where(ANSWERS.c.deal_id.in_(deals), ANSWERS.c.verb.in_(_SAYS_HEALTH))
            .order_by(ANSWERS.c.id)
        )
        found: dict[int, list[SaidThen]] = defaultdict(list)
        for deal, at, undone_at, kept in self._connection.execute(query):
            after = kept.get("after") or {}
            if "health_said" in after:
                word = said_health_from(after["health_said"])
                found[deal].append(SaidThen(at, word, undone_at))
        return found

    @override
    def heard(
        self, contracts: Collection[int], names: Collection[str], *, by_customer: bool
    ) -> Mapping[int, Sequence[ReceivedValue]]:
        wanted, found = list(contracts), dict[int, Sequence[ReceivedValue]]()
        for start in range(0, len(wanted), _MOST):
            some = wanted[start : start + _MOST]
            found |= heard_signals(self._connection, some, names, by_customer=by_customer)
        return found
