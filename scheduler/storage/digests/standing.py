"""What is true of each open deal, in SQL: what `core.facts.tally` and `core.facts.digest_deals` say
of one deal, as columns that bear the names they have there.

Always holds: every value is that of the core (tests/storage/digests/test_tally.py compares what
is counted and picked by them).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Float,
    Integer,
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
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.selectable import NamedFromClause

from scheduler.core.deal.contracts import ODD_CURRENCIES, minor_digits
from scheduler.core.deal.deal import ENDED, SYSTEM_ASKS
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.facts.nudge_facts import RISK
from scheduler.core.facts.tally import renews
from scheduler.core.policy.anchors import ANCHORS, DaySource
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import is_about_term
from scheduler.core.rules.followup import asks, asks_of_renewal
from scheduler.core.words.lexicon import EventState, ForecastCall, Paperwork
from scheduler.storage.database.deals import CONTRACTS, DEALS, EVENTS

Flag = ColumnElement[bool]
Column = ColumnElement[Any]
Columns = ReadOnlyColumnCollection[str, Any]

OPEN = and_(DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
TODAY, LAST = bindparam("today", type_=Date), bindparam("last", type_=Date)
_TOLD = (EventState.FIRED.value, EventState.CARRIED_OVER.value)
_OWNED = CONTRACTS.c.owner_id.in_(bindparam("owners", expanding=True))
"""Of the owners asked for."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of a policy that decides how deals are counted. `about` are the milestones that
    speak of the renewal, `staged` those that do outside the `onboarding` stages; `prospects` are
    the pipelines that do not renew."""

    version: int
    asks: tuple[str, ...]
    asks_of_renewal: tuple[str, ...]
    about: tuple[str, ...]
    staged: tuple[str, ...]
    onboarding: tuple[tuple[str, str], ...]
    prospects: tuple[str, ...]
    rates: tuple[tuple[str, float], ...]


def rules_of(policy: Policy) -> Rules:
    """The rules of a policy, by the current and former ids of its milestones and stages."""
    known = {
        i: m
        for milestone in policy.milestones
        for i in (milestone.id, *milestone.was)
        if (m := policy.milestone(i))
    }
    speaking = {i: m for i, m in known.items() if not is_about_term(m)}
    stages = {
        (p.id, i): p.find(i)
        for p in policy.pipelines.values()
        for s in p.stages
        for i in (s.id, *s.was)
    }
    names = (*known, *(i for i in SYSTEM_ASKS if i not in known))
    return Rules(
        version=policy.version,
        asks=tuple(i for i in names if asks(i, policy)),
        asks_of_renewal=tuple(i for i in names if asks_of_renewal(i, policy)),
        about=tuple(
            i for i, m in speaking.items() if ANCHORS[m.anchor].source is not DaySource.STAGE
        ),
        staged=tuple(i for i, m in speaking.items() if ANCHORS[m.anchor].source is DaySource.STAGE),
        onboarding=tuple(
            pair
            for pair, stage in stages.items()
            if stage is not None and stage.kind is StageKind.ONBOARDING
        ),
        prospects=tuple(p.id for p in policy.pipelines.values() if not renews(p)),
        rates=tuple((c, r) for c, r in policy.rates.items() if c != policy.base_currency),
    )


def standing(rules: Rules, dialect: str, *, risk: bool, among: Flag | None = None) -> CTE:
    """What is true of each open deal of the owners asked for, or of those `among` them that a
    condition on deals and contracts names; the columns are called as `core.facts.tally` and
    `core.facts.digest_deals` call it. The risk column is the most expensive, and is left out unless
    `risk` asks for it."""
    deal = _asked(rules, _OWNED if among is None else among)
    of = deal.c
    order = and_(of.notice_on.is_(None), of.paperwork == Paperwork.ORDERED.value)
    nothing = and_(of.notice_on.is_(None), of.paperwork != Paperwork.ORDERED.value)
    staged = and_(
        of.milestone.in_(rules.staged),
        not_(or_(false(), *(and_(of.pipeline == p, of.stage == s) for p, s in rules.onboarding))),
    )
    open_ = and_(
        of.milestone.is_not(None), or_(nothing, not_(or_(of.milestone.in_(rules.about), staged)))
    )
    since = case((of.over_since.is_not(None), of.over_since), (open_, of.since))
    waits = since.is_not(None)
    renewal = of.pipeline.not_in(rules.prospects)
    ended = and_(of.ends_on.is_not(None), of.ends_on < TODAY)
    decided = case((and_(of.auto_renew, of.decide_by.is_not(None)), of.decide_by), else_=of.ends_on)
    due_on = case((and_(decided >= TODAY, of.notice_on.is_(None)), decided))
    value = _value(rules, of)
    flags: dict[str, Flag] = {
        "renewal": renewal,
        "waiting": waits,
        "asked": and_(waits, not_(and_(renewal, ended))),
        "to_record": and_(order, renewal, not_(waits)),
        "noticed": of.notice_on.is_not(None),
        "doubtful": and_(
            of.call.in_([ForecastCall.AT_RISK.value, ForecastCall.UNSURE.value]), nothing
        ),
        "ended": and_(renewal, ended, of.before.is_(None)),
        "history": and_(renewal, ended, of.before.is_not(None)),
        "due": and_(renewal, due_on.is_not(None), due_on <= LAST),
    }
    return (
        select(
            *(of[name] for name in ("id", "owner_id", "currency", "amount", "health", "ends_on")),
            type_coerce(since, Date).label("since"),
            case((of.over_since.is_not(None), literal(ENDED)), (open_, of.milestone)).label(
                "question"
            ),
            type_coerce(due_on, Date).label("due_on"),
            value.label("value"),
            (_risk(of, value, dialect) if risk else null()).label("risk"),
            type_coerce(_comes_by(rules, of, waits, dialect), Date).label("comes_by"),
            *(flag.label(name) for name, flag in flags.items()),
        )
        .cte("standing")
        .prefix_with("MATERIALIZED")
    )


def _asked(rules: Rules, among: Flag) -> CTE:
    """The open deals that are asked for, each with the question that waits
    (`rules.followup.open_question`), if one does; `over_since`: since when it has been asked about
    after its end; `before`: the event of an end that lay before the first load.

    Everything about one deal is looked up by its number, because SQLite joins subqueries by
    comparing every row with every other. The result is kept (MATERIALIZED), or SQLite would make it
    anew wherever it is named. Which question speaks for a deal is asked only where one is open.
    """
    deal, last = _open(among), EVENTS.alias("last")
    ended = select(EVENTS.c.id).where(EVENTS.c.deal_id == deal.c.id, EVENTS.c.milestone == ENDED)
    fired, before = (
        ended.where(EVENTS.c.state == s.value) for s in (EventState.FIRED, EventState.BASELINE)
    )
    waits = last.c.answered_at.is_(None)
    return (
        select(
            deal,
            case((waits, last.c.milestone)).label("milestone"),
            case((waits, _first_of(last))).label("since"),
            fired.with_only_columns(func.min(EVENTS.c.day_on))
            .scalar_subquery()
            .label("over_since"),
            before.with_only_columns(func.min(EVENTS.c.id)).scalar_subquery().label("before"),
        )
        .select_from(
            deal.outerjoin(last, last.c.id == case((_has_open(rules, deal), _latest(rules, deal))))
        )
        .cte("asked")
        .prefix_with("MATERIALIZED")
    )


def _has_open(rules: Rules, deal: Subquery) -> Flag:
    """Whether a step that asks was told and not answered: without one no question of the deal
    waits."""
    step = EVENTS.alias("open")
    told = and_(step.c.deal_id == deal.c.id, step.c.answered_at.is_(None), step.c.state.in_(_TOLD))
    return select(step.c.id).where(told, _asking(rules, step)).exists()


def _asking(rules: Rules, step: NamedFromClause[Any]) -> Flag:
    """Whether an event's milestone asks, or somebody snoozed it."""
    return or_(step.c.milestone.in_(rules.asks), step.c.snoozed_until.is_not(None))


def _latest(rules: Rules, deal: Subquery) -> Column:
    """The last step of the question that speaks for a deal."""
    step, later = EVENTS.alias("step"), EVENTS.alias("later")
    same = and_(
        later.c.deal_id == step.c.deal_id,
        later.c.milestone == step.c.milestone,
        later.c.anchor_on == step.c.anchor_on,
    )
    followed = (
        select(later.c.id)
        .where(same, later.c.step > step.c.step, later.c.state.in_(_TOLD))
        .exists()
    )
    before_others = case(
        (and_(step.c.answered_at.is_(None), step.c.milestone.in_(rules.asks_of_renewal)), 0),
        else_=1,
    )
    return (
        select(step.c.id)
        .where(
            step.c.deal_id == deal.c.id,
            step.c.state.in_(_TOLD),
            _asking(rules, step),
            not_(followed),
        )
        .order_by(
            before_others, step.c.at.desc(), step.c.day_on.desc(), step.c.step.desc(), step.c.id
        )
        .limit(1)
        .scalar_subquery()
    )


def _first_of(last: NamedFromClause[Any]) -> Column:
    """The day on which a question was told first."""
    step = EVENTS.alias("first")
    same = and_(
        step.c.deal_id == last.c.deal_id,
        step.c.milestone == last.c.milestone,
        step.c.anchor_on == last.c.anchor_on,
    )
    return (
        select(step.c.day_on)
        .where(same, step.c.state.in_(_TOLD))
        .order_by(step.c.step)
        .limit(1)
        .scalar_subquery()
    )


def _open(among: Flag) -> Subquery:
    """The open deals that are asked for, with what is counted of their contracts."""
    named = ("decide_by", "ends_on", "auto_renew", "amount", "currency", "owner_id")
    columns = (
        "id",
        "pipeline",
        "stage",
        "health",
        "call",
        "notice_on",
        "paperwork",
        "wake_at",
        "policy_version",
    )
    joined = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    return (
        select(*(DEALS.c[n] for n in columns), *(CONTRACTS.c[n] for n in named))
        .select_from(joined)
        .where(OPEN, among)
        .subquery()
    )


def _value(rules: Rules, of: Columns) -> Column:
    """`Policy.in_base_currency`: whole units at the configured rate, nothing for an amount that
    nobody knows."""
    sizes = {
        10 ** minor_digits(c): [
            other for other in ODD_CURRENCIES if minor_digits(other) == minor_digits(c)
        ]
        for c in ODD_CURRENCIES
    }
    known = func.coalesce(of.amount, 0)
    whole = case(
        *(
            (of.currency.in_(names), known // size if size > 1 else known)
            for size, names in sizes.items()
        ),
        else_=known // 100,
    )
    rate = (
        case(
            *((of.currency == c, literal(r, Float)) for c, r in rules.rates),
            else_=literal(1.0, Float),
        )
        if rules.rates
        else literal(1.0, Float)
    )
    return cast(whole, Float) * rate


def _risk(of: Columns, value: Column, dialect: str) -> Column:
    """`facts.money_at_risk`."""
    near = _nearest(
        and_(of.decide_by.is_not(None), of.decide_by >= TODAY),
        and_(of.ends_on.is_not(None), of.ends_on >= TODAY),
        of,
    )
    left = _days_until(near, dialect)
    days = case(
        (and_(near.is_not(None), left > 1), left),
        (or_(near.is_not(None), of.ends_on.is_not(None)), 1),
        else_=365,
    )
    weight = case(
        *((of.health == health.value, literal(w, Float)) for health, w in RISK.items()),
        else_=literal(0.0, Float),
    )
    return value * weight / cast(days, Float)


def _comes_by(rules: Rules, of: Columns, waits: Flag, dialect: str) -> Column:
    """`tally.comes_by`."""
    near = _nearest(of.decide_by.between(TODAY, LAST), of.ends_on.between(TODAY, LAST), of)
    rings = _utc_day(of.wake_at, dialect)
    rung = case((rings < TODAY, TODAY), else_=rings)
    return case(
        (of.policy_version != rules.version, TODAY),
        (or_(rings.is_(None), rings > LAST), near),
        (waits, func.coalesce(near, LAST)),
        (or_(near.is_(None), rung < near), rung),
        else_=near,
    )


def _nearest(decides: Flag, ends: Flag, of: Columns) -> Column:
    """The earlier of the deadline and the end, of those that are meant; NULL for neither."""
    return case(
        (and_(decides, ends), lesser(of.decide_by, of.ends_on)),
        (decides, of.decide_by),
        (ends, of.ends_on),
    )


def lesser(one: Column, other: Column) -> Column:
    """The lesser of two."""
    return case((one < other, one), else_=other)


def _utc_day(instant: Column, dialect: str) -> Column:
    """An instant's day in UTC."""
    if dialect == "sqlite":
        return type_coerce(func.substr(type_coerce(instant, Text), 1, 10), Date)
    return cast(func.timezone("UTC", instant), Date)


def _days_until(day: Column, dialect: str) -> Column:
    """The number of days from today to a day."""
    if dialect == "sqlite":
        return cast(func.julianday(day) - func.julianday(TODAY), Integer)
    return type_coerce(day - TODAY, Integer)
