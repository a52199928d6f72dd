"""Counting and picking open deals in SQL: what `core.tally` and `core.book` say of deals at hand, of any number of deals in a database.

Always holds: every number and every order is that of the core (tests/storage/test_tallying.py compares them on random books); only the deals that are
picked are loaded; the statements are made once for each policy.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    Float,
    Integer,
    RowMapping,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.selectable import NamedFromClause

from scheduler.core.book import Most, Pick
from scheduler.core.contracts import ODD_CURRENCIES, Money, minor_digits
from scheduler.core.deal import ENDED, SYSTEM_ASKS, Deal
from scheduler.core.facts import RISK
from scheduler.core.pipeline import StageKind
from scheduler.core.policy import Policy
from scheduler.core.received import is_about_term
from scheduler.core.rules.followup import asks, asks_of_renewal
from scheduler.core.tally import AHEAD, Tally, Worth, renews
from scheduler.core.words import Anchor, Call, EventState, Health, Paperwork
from scheduler.storage.deals import CONTRACTS, DEALS, EVENTS, load_deals

Flag = ColumnElement[bool]
Column = ColumnElement[Any]
Columns = ReadOnlyColumnCollection[str, Any]

OPEN = and_(DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
_TODAY, _LAST = bindparam("today", type_=Date), bindparam("last", type_=Date)
_TOLD = (EventState.FIRED.value, EventState.CARRIED_OVER.value)
_NEVER = date.max


@dataclass(frozen=True, slots=True)
class _Rules:
    """What of a policy decides how deals are counted. `about` are the milestones that speak of the renewal, `staged` those that do outside the
    `onboarding` stages; `prospects` are the pipelines that do not renew."""

    version: int
    asks: tuple[str, ...]
    asks_of_renewal: tuple[str, ...]
    about: tuple[str, ...]
    staged: tuple[str, ...]
    onboarding: tuple[tuple[str, str], ...]
    prospects: tuple[str, ...]
    rates: tuple[tuple[str, float], ...]


def _rules(policy: Policy) -> _Rules:
    """Those of a policy, under every name that a milestone or a stage has or had."""
    known = {i: m for milestone in policy.milestones for i in (milestone.id, *milestone.was) if (m := policy.milestone(i))}
    speaking = {i: m for i, m in known.items() if not is_about_term(m)}
    stages = {(p.id, i): p.find(i) for p in policy.pipelines.values() for s in p.stages for i in (s.id, *s.was)}
    names = (*known, *(i for i in SYSTEM_ASKS if i not in known))
    return _Rules(
        version=policy.version,
        asks=tuple(i for i in names if asks(i, policy)),
        asks_of_renewal=tuple(i for i in names if asks_of_renewal(i, policy)),
        about=tuple(i for i, m in speaking.items() if m.anchor is not Anchor.STAGE_ENTERED_ON),
        staged=tuple(i for i, m in speaking.items() if m.anchor is Anchor.STAGE_ENTERED_ON),
        onboarding=tuple(pair for pair, stage in stages.items() if stage is not None and stage.kind is StageKind.ONBOARDING),
        prospects=tuple(p.id for p in policy.pipelines.values() if not renews(p)),
        rates=tuple((c, r) for c, r in policy.rates.items() if c != policy.base_currency),
    )


class Tallying:
    """Counts and picks on one connection, as a policy has it on a day of its reader."""

    def __init__(self, connection: Connection, policy: Policy, today: date) -> None:
        self._connection, self._rules = connection, _rules(policy)
        self._days = {"today": today, "last": today + timedelta(days=AHEAD)}

    def tallies(self, owners: Collection[int]) -> dict[int, Tally]:
        """By owner: the numbers about his open deals; nobody without one is in it."""
        found: dict[int, Tally] = {}
        for row in self._connection.execute(_sums(self._rules, self._connection.dialect.name), {**self._days, "owners": list(owners)}).mappings():
            found[row["owner_id"]] = found.get(row["owner_id"], Tally()) + _tally(row)
        return found

    def picks(self, owners: Collection[int], most: Most, *, each: bool) -> dict[int | None, dict[Pick, list[Deal]]]:
        """Of each list the first deals: by owner, or (not `each`) of all these owners together, under None."""
        query = _picking(self._rules, self._connection.dialect.name, tuple(most), each)
        rows = self._connection.execute(query, {**self._days, "owners": list(owners), **{f"most_{p}": n for p, n in most.items()}}).all()
        deals = {d.id: d for d in load_deals(self._connection, list({r.id for r in rows}))}
        found: dict[int | None, dict[Pick, list[Deal]]] = {}
        for row in rows:
            of = found.setdefault(row.owner_id if each else None, {pick: [] for pick in most})
            of[Pick(row.pick)] += [deals[row.id]] if row.id in deals else []
        return found


def _tally(row: RowMapping) -> Tally:
    """The numbers about one owner's deals in one currency."""

    def worth(name: str, number: int) -> Worth:
        money = () if row[f"{name}_minor"] is None else (Money(int(row[f"{name}_minor"]), row["currency"]),)
        return Worth(money, number - int(row[f"{name}_known"]))

    counted = {name: int(row[name]) for name in ("all", "open", "due", "ended", "history", "notices", "doubt", "unanswered", "asked")}
    return Tally(
        **counted,
        all_worth=worth("all", row["all"]),
        worth=worth("open", row["open"]),
        due_worth=worth("due", row["due"]),
        doubtful_worth=worth("both", int(row["both"])),
        since=row["since"],
        not_assessed=int(row["not_assessed"]),
        to_record=int(row["to_record"]),
        coming=int(row["coming"]),
    )


@lru_cache(maxsize=16)
def _sums(rules: _Rules, dialect: str) -> Select[Any]:
    """The sums by owner and currency."""
    of = _standing(rules, dialect).c
    doubtful = or_(of.noticed, of.doubtful)
    counted: dict[str, Flag] = {
        "open": of.renewal,
        "due": of.due,
        "ended": of.ended,
        "history": of.history,
        "notices": of.noticed,
        "doubt": of.doubtful,
        "both": doubtful,
        "unanswered": of.waiting,
        "asked": of.asked,
        "not_assessed": and_(of.renewal, of.health == Health.UNKNOWN.value),
        "to_record": of.to_record,
        "coming": of.comes_by.is_not(None),
    }
    valued: dict[str, Flag] = {"all": true(), "open": of.renewal, "due": of.due, "both": doubtful}
    return select(
        of.owner_id,
        of.currency,
        func.count().label("all"),
        func.min(of.since, type_=Date).label("since"),
        *(func.sum(case((flag, 1), else_=0)).label(name) for name, flag in counted.items()),
        *(func.sum(case((flag, of.amount))).label(f"{name}_minor") for name, flag in valued.items()),
        *(func.count(case((flag, of.amount))).label(f"{name}_known") for name, flag in valued.items()),
    ).group_by(of.owner_id, of.currency)


@lru_cache(maxsize=16)
def _picking(rules: _Rules, dialect: str, wanted: tuple[Pick, ...], each: bool) -> CompoundSelect[Any]:
    """The deals that stand first in each list, by list and place."""
    of = _standing(rules, dialect).c
    by_value = (of.value.desc(), func.coalesce(of.due_on, _NEVER))
    orders: dict[Pick, tuple[Flag, tuple[Column, ...]]] = {
        Pick.WAITING: (of.waiting, (_lesser(of.since, _TODAY), of.value.desc())),
        Pick.ASKED: (of.asked, (_lesser(of.since, _TODAY), of.value.desc())),
        Pick.TO_RECORD: (of.to_record, ()),
        Pick.COMING: (of.comes_by.is_not(None), (of.comes_by, of.value.desc())),
        Pick.NOTICED: (of.noticed, by_value),
        Pick.DOUBTFUL: (of.doubtful, by_value),
        Pick.ENDED: (of.ended, (of.ends_on, of.value.desc())),
        Pick.DUE: (of.due, by_value),
        Pick.URGENT: (true(), (of.risk.desc(),)),
    }
    lists = []
    for pick in wanted:
        flag, order = orders[pick]
        rank = func.row_number().over(partition_by=of.owner_id if each else None, order_by=[*order, of.id])
        ranked = select(of.id, of.owner_id, literal(pick.value).label("pick"), rank.label("rank")).where(flag).subquery()
        lists.append(select(ranked).where(ranked.c.rank <= bindparam(f"most_{pick}", type_=Integer)))
    return union_all(*lists).order_by("pick", "rank")


def _standing(rules: _Rules, dialect: str) -> CTE:
    """What is true of each open deal of the owners asked for; the columns are called as `core.tally` and `core.book` call it."""
    deal = _asked(rules)
    of = deal.c
    order = and_(of.notice_on.is_(None), of.paperwork == Paperwork.ORDERED.value)
    nothing = and_(of.notice_on.is_(None), of.paperwork != Paperwork.ORDERED.value)
    staged = and_(of.milestone.in_(rules.staged), not_(or_(false(), *(and_(of.pipeline == p, of.stage == s) for p, s in rules.onboarding))))
    open_ = and_(of.milestone.is_not(None), or_(nothing, not_(or_(of.milestone.in_(rules.about), staged))))
    since = case((of.over_since.is_not(None), of.over_since), (open_, of.since))
    waits = since.is_not(None)
    renewal = of.pipeline.not_in(rules.prospects)
    ended = and_(of.ends_on.is_not(None), of.ends_on < _TODAY)
    decided = case((and_(of.auto_renew, of.decide_by.is_not(None)), of.decide_by), else_=of.ends_on)
    due_on = case((and_(decided >= _TODAY, of.notice_on.is_(None)), decided))
    value = _value(rules, of)
    flags: dict[str, Flag] = {
        "renewal": renewal,
        "waiting": waits,
        "asked": and_(waits, not_(and_(renewal, ended))),
        "to_record": and_(order, renewal, not_(waits)),
        "noticed": of.notice_on.is_not(None),
        "doubtful": and_(of.call.in_([Call.AT_RISK.value, Call.UNSURE.value]), nothing),
        "ended": and_(renewal, ended, of.before.is_(None)),
        "history": and_(renewal, ended, of.before.is_not(None)),
        "due": and_(renewal, due_on.is_not(None), due_on <= _LAST),
    }
    return (
        select(
            *(of[name] for name in ("id", "owner_id", "currency", "amount", "health", "ends_on")),
            type_coerce(since, Date).label("since"),
            type_coerce(due_on, Date).label("due_on"),
            value.label("value"),
            _risk(of, value, dialect).label("risk"),
            type_coerce(_comes_by(rules, of, waits, dialect), Date).label("comes_by"),
            *(flag.label(name) for name, flag in flags.items()),
        )
        .cte("standing")
        .prefix_with("MATERIALIZED")
    )


def _asked(rules: _Rules) -> CTE:
    """The open deals of the owners asked for, each with the question that waits (`rules.followup.open_question`), if one does, since when it is asked
    about because it has `over`, and whether it was `before` it came.

    Everything about one deal is looked up by its number: SQLite joins what it makes on the way by comparing every row with every other. And it
    is kept (MATERIALIZED), or SQLite would look it up anew wherever it is named.
    """
    deal, last = _owned(), EVENTS.alias("last")
    ended = select(EVENTS.c.id).where(EVENTS.c.deal_id == deal.c.id, EVENTS.c.milestone == ENDED)
    fired, before = (ended.where(EVENTS.c.state == s.value) for s in (EventState.FIRED, EventState.BASELINE))
    waits = last.c.answered_at.is_(None)
    return (
        select(
            deal,
            case((waits, last.c.milestone)).label("milestone"),
            case((waits, _first_of(last))).label("since"),
            fired.with_only_columns(func.min(EVENTS.c.day_on)).scalar_subquery().label("over_since"),
            before.with_only_columns(func.min(EVENTS.c.id)).scalar_subquery().label("before"),
        )
        .select_from(deal.outerjoin(last, last.c.id == _latest(rules, deal)))
        .cte("asked")
        .prefix_with("MATERIALIZED")
    )


def _latest(rules: _Rules, deal: Subquery) -> Column:
    """The last step of the question that speaks for a deal."""
    step, later = EVENTS.alias("step"), EVENTS.alias("later")
    same = and_(later.c.deal_id == step.c.deal_id, later.c.milestone == step.c.milestone, later.c.anchor_on == step.c.anchor_on)
    followed = select(later.c.id).where(same, later.c.step > step.c.step, later.c.state.in_(_TOLD)).exists()
    asking = or_(step.c.milestone.in_(rules.asks), step.c.snoozed_until.is_not(None))
    before_others = case((and_(step.c.answered_at.is_(None), step.c.milestone.in_(rules.asks_of_renewal)), 0), else_=1)
    return (
        select(step.c.id)
        .where(step.c.deal_id == deal.c.id, step.c.state.in_(_TOLD), asking, not_(followed))
        .order_by(before_others, step.c.at.desc(), step.c.day_on.desc(), step.c.step.desc(), step.c.id)
        .limit(1)
        .scalar_subquery()
    )


def _first_of(last: NamedFromClause[Any]) -> Column:
    """The day on which a question was told first."""
    step = EVENTS.alias("first")
    same = and_(step.c.deal_id == last.c.deal_id, step.c.milestone == last.c.milestone, step.c.anchor_on == last.c.anchor_on)
    return select(step.c.day_on).where(same, step.c.state.in_(_TOLD)).order_by(step.c.step).limit(1).scalar_subquery()


def _owned() -> Subquery:
    """The open deals of the owners asked for, with what is counted of their contracts."""
    named = ("decide_by", "ends_on", "auto_renew", "amount", "currency", "owner_id")
    columns = ("id", "pipeline", "stage", "health", "call", "notice_on", "paperwork", "wake_at", "policy_version")
    joined = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    owners = CONTRACTS.c.owner_id.in_(bindparam("owners", expanding=True))
    return select(*(DEALS.c[n] for n in columns), *(CONTRACTS.c[n] for n in named)).select_from(joined).where(OPEN, owners).subquery()


def _value(rules: _Rules, of: Columns) -> Column:
    """`Policy.in_base_currency`: whole units at the configured rate, nothing for an amount that nobody knows."""
    sizes = {10 ** minor_digits(c): [other for other in ODD_CURRENCIES if minor_digits(other) == minor_digits(c)] for c in ODD_CURRENCIES}
    known = func.coalesce(of.amount, 0)
    whole = case(*((of.currency.in_(names), known // size if size > 1 else known) for size, names in sizes.items()), else_=known // 100)
    rate = case(*((of.currency == c, literal(r, Float)) for c, r in rules.rates), else_=literal(1.0, Float)) if rules.rates else literal(1.0, Float)
    return cast(whole, Float) * rate


def _risk(of: Columns, value: Column, dialect: str) -> Column:
    """`facts.money_at_risk`."""
    near = _nearest(and_(of.decide_by.is_not(None), of.decide_by >= _TODAY), and_(of.ends_on.is_not(None), of.ends_on >= _TODAY), of)
    left = _days_until(near, dialect)
    days = case((and_(near.is_not(None), left > 1), left), (or_(near.is_not(None), of.ends_on.is_not(None)), 1), else_=365)
    weight = case(*((of.health == health.value, literal(w, Float)) for health, w in RISK.items()), else_=literal(0.0, Float))
    return value * weight / cast(days, Float)


def _comes_by(rules: _Rules, of: Columns, waits: Flag, dialect: str) -> Column:
    """`tally.comes_by`."""
    near = _nearest(of.decide_by.between(_TODAY, _LAST), of.ends_on.between(_TODAY, _LAST), of)
    rings = _utc_day(of.wake_at, dialect)
    rung = case((rings < _TODAY, _TODAY), else_=rings)
    return case(
        (of.policy_version != rules.version, _TODAY),
        (or_(rings.is_(None), rings > _LAST), near),
        (waits, func.coalesce(near, _LAST)),
        (or_(near.is_(None), rung < near), rung),
        else_=near,
    )


def _nearest(decides: Flag, ends: Flag, of: Columns) -> Column:
    """The earlier of the deadline and the end, of those that are meant; NULL for neither."""
    return case((and_(decides, ends), _lesser(of.decide_by, of.ends_on)), (decides, of.decide_by), (ends, of.ends_on))


def _lesser(one: Column, other: Column) -> Column:
    """The lesser of two."""
    return case((one < other, one), else_=other)


def _utc_day(instant: Column, dialect: str) -> Column:
    """An instant's day in UTC."""
    if dialect == "sqlite":
        return type_coerce(func.substr(type_coerce(instant, Text), 1, 10), Date)
    return cast(func.timezone("UTC", instant), Date)


def _days_until(day: Column, dialect: str) -> Column:
    """How many days from today to a day."""
    if dialect == "sqlite":
        return cast(func.julianday(day) - func.julianday(_TODAY), Integer)
    return type_coerce(day - _TODAY, Integer)
