"""`renewals sync hubspot`: one round, now; `renewals sync hubspot status`: how far the two are in
step.

Always holds: exit code 1 where a round was broken off and may be tried again, 2 where somebody has
to fix something first.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scheduler.cli.context import CommandContext
from scheduler.cli.sync.end_origins import tell_lacking, tell_unread
from scheduler.cli.sync.opening import with_database
from scheduler.cli.sync.stage_names import StageNames
from scheduler.cli.terminal.say import as_json, facts, heading, language, say, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import stage_word, when
from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.states import Waits
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.reasons import word

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.policy.policy import Policy
    from scheduler.services.sync.push_status import PushStatus
    from scheduler.services.sync.rehearsing import ForeseenMove, SyncRehearsal
    from scheduler.services.sync.sync_status import SyncStatus
    from scheduler.services.sync.syncing import StepFailure, Synced

FAILED, USER_MUST_ACT = 1, 2
_STATES = {
    "here": Label("followed here"),
    "unmapped": Label("in a stage without a place"),
    "moved_out": Label("moved to a pipeline that is not mapped"),
    "archived": Label("archived"),
    "deleted": Label("deleted"),
    "merged": Label("merged into another"),
    "restored": Label("followed here"),
}
_WINNERS = {"ours": Label("ours"), "theirs": Label("theirs")}


def one_round(here: CommandContext) -> int:
    """Reads what has changed, takes it in, tells HubSpot what it is to be told."""
    from scheduler.services.sync.syncing import StepFailure

    with here.open(edits=True) as app:
        refuse_copies(app)
        with closing(app.hubspot_rounds()) as rounds:
            while True:
                synced = rounds.step(app.clock.now(), lambda: False)
                if isinstance(synced, StepFailure):
                    return as_hindered(here, synced)
                if not synced.more:
                    break
        if here.json:
            as_json(_round(synced))
        else:
            _show_round(synced)
    return 0


def foreseen(here: CommandContext) -> int:
    """Shows what a round would do; nothing is kept, here or there."""
    from scheduler.cli.imports.bringing_in import opened
    from scheduler.services.sync.syncing import StepFailure

    with opened(here, dry_run=True, new=False) as app:
        policy, now = app.policy, app.clock.now()
        with closing(app.hubspot_rounds()) as rounds:
            rehearsed = rounds.rehearsed(now)
    if isinstance(rehearsed, StepFailure):
        return as_hindered(here, rehearsed)
    names = StageNames(rehearsed.stages, policy)
    if here.json:
        as_json(
            {
                "read": rehearsed.read,
                "total": rehearsed.total,
                "requests": rehearsed.load.requests if rehearsed.load else None,
                "import": rehearsed.report.counts,
                "moves": [_foreseen_move(m, names) for m in rehearsed.moves],
                "ends": list(rehearsed.ends),
                "problems": list(rehearsed.problems),
                "unread": _said(rehearsed.unread),
            }
        )
    else:
        _show_foreseen(rehearsed, policy, now)
    return 0


def _foreseen_move(move: "ForeseenMove", names: StageNames) -> dict[str, Any]:
    """A move, for machines."""
    return {
        "contract": move.deal.contract.number,
        "customer": move.deal.contract.customer.name,
        "who": move.who,
        "to": move.to,
        "because": names.because(move.because),
        "ours_stands": move.ours_stands,
    }


def _show_foreseen(rehearsed: "SyncRehearsal", policy: "Policy", now: datetime) -> None:
    """Shows people what a round would do."""
    from scheduler.cli.imports.import_report import show_report
    from scheduler.cli.sync.end_origins import show_ends
    from scheduler.core.time.dates import local_day

    if rehearsed.load is not None:
        say(
            "A first load of {total}, in about {requests}. The first {read} were looked at:",
            total=Label("{count} deal", many="{count} deals", count=rehearsed.total),
            requests=Label(
                "{count} request", many="{count} requests", count=rehearsed.load.requests
            ),
            read=rehearsed.read,
        )
    show_report(rehearsed.report, local_day(now, policy.zone_of(None)), policy)
    show_ends(rehearsed)
    if not rehearsed.moves:
        return
    names = StageNames(rehearsed.stages, policy)
    heading("Moves there ({count})", count=len(rehearsed.moves))
    rows = [
        (
            move.deal.contract.number,
            move.deal.contract.customer.name,
            stage_word(move.deal.stage, policy.pipeline(move.deal.pipeline)),
            _to(move, policy, names),
            _why_not(move, names),
        )
        for move in rehearsed.moves
    ]
    head = (text("deal", context="columns"), text("customer"), text("here"), "HubSpot", "")
    table([Column(name) for name in head], rows)


def _to(move: "ForeseenMove", policy: "Policy", names: StageNames) -> str:
    """The stage there: by the name of ours it stands for, else by HubSpot's."""
    pipeline = policy.pipeline(move.deal.pipeline)
    if pipeline.find(move.to) and not (move.because or move.ours_stands):
        return stage_word(move.to, pipeline)
    return names.theirs(move.to)


def _why_not(move: "ForeseenMove", names: StageNames) -> str:
    """Who moved it, or why it is not followed."""
    if move.because:
        return names.because(move.because)
    return text("ours is later and counts") if move.ours_stands else move.who


def refuse_copies(app: "App") -> None:
    """A copy that was put back speaks to nobody."""
    if app.restored.restored() is not None:
        raise UserMustActError(
            "the database was restored from a copy, so nothing is read from HubSpot or written "
            "there yet; see `renewals release`"
        )


def as_hindered(here: CommandContext, hindered: "StepFailure") -> int:
    """A round that was broken off."""
    if here.json:
        as_json({"hindered": hindered.because, "passes": hindered.passes})
    tell(hindered.because)
    if hindered.passes:
        tell("What was read is kept; the same command goes on from there.")
    return FAILED if hindered.passes else USER_MUST_ACT


def _round(synced: "Synced") -> dict[str, Any]:
    """A round, for machines."""
    took, pushed = synced.took, synced.pushed
    counts = ("records", "answers", "moves", "held", "conflicts", "merged")
    return {
        "read": synced.ended.read if synced.ended else 0,
        "taken": {name: getattr(took, name) for name in counts} if took else None,
        "import": took.report.counts if took and took.report else None,
        "unread": _said(synced.unread),
        "lacking": [word(why, language()) for why in synced.lacking],
        "pushed": asdict(pushed) | {"unmade": sorted(pushed.unmade)} if pushed else None,
    }


def _show_round(synced: "Synced") -> None:
    """A round, for people."""
    took, pushed = synced.took, synced.pushed
    if took is None:
        say("HubSpot has nothing new.")
    else:
        report = took.report
        say(
            "{count} deal read: {new} new, {updated} changed",
            many="{count} deals read: {new} new, {updated} changed",
            count=took.records,
            new=report.new if report else 0,
            updated=report.updated if report else 0,
        )
        say(
            "{answers} answers given in HubSpot, {moves} moves, {held} held, {conflicts} conflicts",
            answers=took.answers,
            moves=took.moves,
            held=took.held,
            conflicts=took.conflicts,
        )
        for problem in took.unread[:5]:
            tell(
                "deal {deal}, {name}: {said}",
                deal=problem.deal,
                name=problem.name,
                said=problem.said,
            )
    tell_unread(synced.unread)
    tell_lacking(synced.lacking)
    if pushed is not None and pushed.more:
        say(
            "written to HubSpot: {written} in full, {partly} in part; {parked} refused, "
            "{unknown} unknown",
            written=Label("{count} deal", many="{count} deals", count=pushed.written),
            partly=pushed.partly,
            parked=pushed.parked,
            unknown=pushed.unknown,
        )
    if pushed is not None and pushed.made:
        say(
            "{count} deal for the next term created in HubSpot",
            many="{count} deals for next terms created in HubSpot",
            count=pushed.made,
        )
    if pushed is not None and pushed.unmade:
        tell(
            "HubSpot lacks our properties {names}; to create them: renewals sync hubspot --create",
            names=", ".join(sorted(pushed.unmade)),
        )


def status(here: CommandContext) -> int:
    """Shows how closely HubSpot and the deals here agree, and what is held, parked or in
    conflict."""
    from scheduler.app.hubspot import standing_of

    with with_database(here) as app:
        policy, now = app.policy, app.clock.now()
        synced, pushed = standing_of(app, now)
        said = _push_in_file(app)
    if here.json:
        pushes = policy.hubspot is not None and policy.hubspot.push
        names = StageNames(synced.stages, policy)
        as_json(_plain(synced, pushed, now, names, pushes=pushes))
    else:
        _show(synced, pushed, policy, now)
        _show_unfollowed(policy, said)
    return 0 if synced.in_step and not pushed.parked_count else FAILED


def _push_in_file(app: "App") -> bool | None:
    """Whether config.toml says that HubSpot is written to; None if it cannot be read."""
    from scheduler.app.working_folder import ConfigRefusedError

    try:
        settings = app.config.policy.hubspot
    except (ConfigRefusedError, UserMustActError):
        return None
    return settings is not None and settings.push


def _show_unfollowed(policy: "Policy", said: bool | None) -> None:
    """Says that HubSpot is written to though config.toml says otherwise, or the reverse; the note
    on the file says why and what to do."""
    in_force = policy.hubspot is not None and policy.hubspot.push
    if said is not None and said is not in_force:
        tell(
            "config.toml has push = {said}, but push = {in_force} is in force and counts until "
            "the file is (see `renewals config history`)",
            said=str(said).lower(),
            in_force=str(in_force).lower(),
        )


def _plain(
    synced: "SyncStatus",
    pushed: "PushStatus",
    now: datetime,
    names: StageNames,
    *,
    pushes: bool,
) -> dict[str, Any]:
    """The standing, for machines; `pushes`: anything is written to HubSpot."""
    lag = synced.lag(now)
    return {
        "in_step": synced.in_step and (not pushes or pushed.all_told),
        "lag_seconds": None if lag is None else round(lag.total_seconds()),
        **asdict(synced),
        "calls_used": None if synced.quota is None else synced.quota.used,
        "trouble": names.because(synced.trouble),
        "held": [asdict(h) | {"because": names.because(h.because)} for h in synced.held],
        "conflicts": [
            {"contract": c.contract, "customer": c.customer}
            | asdict(c.conflict)
            | {
                "theirs_name": names.theirs(c.conflict.theirs),
                "ours_name": names.ours(c.conflict.ours),
                "because": names.because(c.conflict.because),
            }
            for c in synced.conflicts
        ],
        "pushes": asdict(pushed)
        | {"parked": [asdict(p) | {"because": names.because(p.because)} for p in pushed.parked]},
        "lacking": [word(why, language()) for why in synced.lacking],
        "unread": _said(synced.unread),
    }


def _said(reasons: Mapping[Any, str]) -> dict[str, str]:
    """Stored reasons, in words."""
    return {str(key): word(why, language()) for key, why in reasons.items()}


def _show(synced: "SyncStatus", pushed: "PushStatus", policy: "Policy", now: datetime) -> None:
    """The standing, for people."""
    from scheduler.services.sync.sync_status import who_left

    last = synced.last
    if last is None:
        say("No round has been completed yet: renewals sync hubspot")
    else:
        say("The last round ended {at}.", at=when(last.at, policy))
    if synced.run is not None and synced.run.total and not synced.run.found:
        say(
            "The first load is under way: {read} of about {total} deals read",
            read=synced.run.read,
            total=synced.run.total,
        )
    tell_unread({LinkedKind(kind): why for kind, why in synced.unread.items()})
    tell_lacking(synced.lacking)
    for line in who_left(synced.left):
        say(line)
    if put_off := synced.waits.get(Waits.PUT_OFF):
        say(
            "HubSpot did not return all of {count} deal; the next round asks for it again.",
            many="HubSpot did not return all of {count} deals; the next round asks for them again.",
            count=put_off,
        )
    if synced.trouble:
        say("The last round stopped: {because}", because=word(synced.trouble, language()))
    facts(
        [(text(_STATES.get(state, Label.verbatim(state))), n) for state, n in synced.states.items()]
    )
    _show_figures(synced, policy)
    if policy.hubspot is not None and policy.hubspot.push:
        say(
            "HubSpot: {in_step} written, {due} due, {under_way} under way, {unknown} unknown, "
            "{parked} refused",
            in_step=pushed.in_step,
            due=pushed.due,
            under_way=pushed.under_way,
            unknown=pushed.unknown,
            parked=pushed.parked_count,
        )
    else:
        say("Nothing is written to HubSpot ([hubspot] push = false).")
    _show_lists(synced, pushed, policy)


def _show_figures(synced: "SyncStatus", policy: "Policy") -> None:
    """Shows the result of the last comparison of all deals, and what is left of the day's calls."""
    drift, quota = synced.drift, synced.quota
    if drift is not None:
        say(
            "Last compared {at}: {read} deals, {count} difference, {left} left",
            many="Last compared {at}: {read} deals, {count} differences, {left} left",
            count=drift.found,
            at=when(drift.at, policy),
            read=drift.read,
            left=drift.left,
        )
    if quota is not None:
        say(
            "Calls to HubSpot by all apps of the account: {used:,} of the day's {daily:,} ({at})",
            used=quota.used,
            daily=quota.daily,
            at=when(quota.at, policy),
        )


def _with_reasons() -> list[Column]:
    """The columns of a list of reasons."""
    return [
        Column(text("deal", context="columns")),
        Column(text("customer")),
        Column(text("reason")),
    ]


def _show_lists(synced: "SyncStatus", pushed: "PushStatus", policy: "Policy") -> None:
    """Shows what is held, refused or was in conflict."""
    names = StageNames(synced.stages, policy)
    if synced.held:
        heading("Not followed ({count})", count=synced.held_count)
        rows = [(h.record_id, h.customer, names.because(h.because)) for h in synced.held]
        table(_with_reasons(), rows)
    if pushed.parked:
        heading("Refused by HubSpot ({count})", count=pushed.parked_count)
        refused = [(p.contract, p.customer, names.because(p.because)) for p in pushed.parked]
        table(_with_reasons(), refused)
    if synced.conflicts:
        heading("Both sides spoke ({count})", count=synced.conflict_count)
        told = [
            (
                listed.contract,
                listed.customer,
                text("{who}: {theirs}", who=each.who, theirs=names.theirs(each.theirs)),
                names.ours(each.ours),
                text(_WINNERS[each.winner.value]),
                when(each.theirs_at, policy),
                names.because(each.because),
            )
            for listed in synced.conflicts
            for each in [listed.conflict]
        ]
        head = (
            text("deal", context="columns"),
            text("customer"),
            "HubSpot",
            text("here"),
            text("stands"),
            text("when", context="columns"),
        )
        table([*map(Column, head), Column(text("reason"), wraps=True)], told)
