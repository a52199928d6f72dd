"""An edit of the policy as a person asks for it: planned, applied, rolled back, simulated.

Always holds: a plan and its application go through `services.policy.planning`, on one snapshot of
the database each.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.policy_edits.judged import refuse_broken_templates
from scheduler.app.policy_edits.keeper import policy_file
from scheduler.app.process_pool import process_pool
from scheduler.app.shipped import shipped_templates
from scheduler.app.working_folder import WorkingFolder
from scheduler.core.config.reading import Config
from scheduler.core.policy.milestone_days import day_start
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.services.policy.in_force import FilePolicy, InForce, version_after
from scheduler.services.policy.planning import Plan, Planned, apply_plan, make_plan
from scheduler.services.policy.simulate import Simulated, SimulatedRow, Span, simulate, told_before

if TYPE_CHECKING:
    from scheduler.app.wiring import App

USUAL_DAYS, MOST_DAYS = 90, 1100


def read_edit(app: "App", file: Path | None) -> Config:
    """The edited configuration: the folder's own, or another file with the folder's templates.
    Raises UserMustActError and ConfigRefusedError."""
    return WorkingFolder(app.folder, holidays_of, shipped_templates, file).read()


def last_day(app: "App", until: date | None) -> date:
    """The last day that a plan looks at: the one asked for, else USUAL_DAYS from today. Raises
    UserMustActError for a day that is past or too far away."""
    today = local_day(app.clock.now(), ZoneInfo(app.policy.zone))
    day, most = until or today + timedelta(days=USUAL_DAYS), today + timedelta(days=MOST_DAYS)
    if day < today:
        raise UserMustActError("--until {day} is past; give {today} or later", day=day, today=today)
    if day > most:
        raise UserMustActError("--until {day} is too far away; at most {most}", day=day, most=most)
    return day


def plan_edit(
    app: "App",
    file: FilePolicy,
    until: date,
    author: str,
    *,
    backfill: bool = False,
    goes_back: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Planned:
    """Works out what an edit would do and keeps it as a plan. `goes_back`: to what an earlier
    version said; `more`: what else its summary keeps. Raises UserMustActError where there is
    nothing to plan."""
    refuse_broken_templates(file.document)
    now, current = app.clock.now(), _current(app)
    earlier = None if goes_back or file.hash == current.hash else app.plans.version_of(file.hash)
    if earlier is not None:
        raise UserMustActError(
            (
                "the file is the same as the earlier version {earlier}; to go back to it: "
                "renewals config rollback {earlier}"
            ),
            earlier=earlier,
        )
    if file.hash == current.hash:
        raise UserMustActError(
            "nothing has changed: the file is the same as version {version}, which is in force",
            version=current.version,
        )
    new = build_policy(version_after(current, file, now, backfill=backfill))
    horizon = (until, _end_of(until, app.policy))
    return make_plan(
        app.plans,
        app.policy,
        new,
        file,
        now,
        horizon,
        tuple(app.channels),
        author,
        backfill=backfill,
        more=more or {},
    )


def version_to_try(app: "App", file: FilePolicy | None) -> InForce:
    """The version in force, or the version that `file` would become next, even if it says the
    same."""
    current = _current(app)
    return current if file is None else version_after(current, file, app.clock.now())


def simulate_edit(
    app: "App", version: InForce, span: Span, on_row: Callable[[SimulatedRow], None]
) -> tuple[Simulated, Mapping[str, str]]:
    """What a version does in a span, simulated on all CPU cores if many deals differ; and what
    people are called."""
    policy, channels = build_policy(version), tuple(app.channels)
    with app.plans.snapshot() as snapshot:
        told = told_before(snapshot, span, ZoneInfo(policy.zone))
        with process_pool(version, span, channels, told) as spread:
            return simulate(snapshot, policy, span, channels, on_row, spread), snapshot.names()


def apply_edit(app: "App", plan: Plan, author: str, note: str = "") -> int:
    """Puts a plan in force if it still does what it said, with a note; the version it is now.
    Raises UserMustActError and ConfigRefusedError."""
    refuse_broken_templates(plan.document)
    now, current = app.clock.now(), _current(app)
    version = version_after(
        current, of_document(plan.hash, plan.document), now, backfill=plan.backfill
    )
    end = _end_of(plan.until_on, app.policy)
    apply_plan(
        app.plans,
        plan,
        app.policy,
        build_policy(version),
        version,
        now,
        end,
        tuple(app.channels),
        author,
        note,
    )
    app.keeper.refresh()
    return version.version


def of_version(app: "App", number: int) -> FilePolicy:
    """The policy of an earlier version. Raises UserMustActError for one that does not exist, or
    that this program cannot read any more."""
    found = app.plans.version(number)
    if found is None:
        raise UserMustActError(
            "there is no version {number}; `renewals config history` lists them", number=number
        )
    return replace(of_document(found.hash, found.document, number), text=found.text)


def policy_of(plan: Plan) -> Policy:
    """The policy that a plan's document says."""
    return build_policy(InForce(plan.base_version + 1, plan.hash, plan.document, {}, ()))


def of_document(hash: str, document: Mapping[str, Any], number: int = 0) -> FilePolicy:
    """A document as the file it came from; `number`: the version it is kept as."""
    return policy_file(hash, document, build_policy(InForce(number, hash, document, {}, ())))


def _current(app: "App") -> InForce:
    """The version in force, looked up now; it becomes the App's policy."""
    app.keeper.refresh()
    current = app.keeper.in_force()
    assert current is not None
    return current


def _end_of(day: date, policy: Policy) -> datetime:
    """The instant at which a day ends in the policy's zone."""
    return day_start(day + timedelta(days=1), ZoneInfo(policy.zone))
