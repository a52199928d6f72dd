"""`renewals sync hubspot --repair`: compares all deals with HubSpot and repairs what differs.

Always holds: what differs is shown before anything is marked; exit code 1 where something differs
(dry run), is left (repair), or HubSpot cannot be asked just now, 2 where somebody has to fix
something first.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from scheduler.cli.context import CommandContext
from scheduler.cli.sync.opening import with_database
from scheduler.cli.sync.rounds import FAILED, as_hindered, refuse_copies
from scheduler.cli.terminal.confirming import agreed
from scheduler.cli.terminal.say import as_json, language, say, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import stage_word
from scheduler.core.facts.field_words import NOTHING, field_name, field_value
from scheduler.core.sync.conflicts import Side
from scheduler.core.sync.desired_values import PROPERTIES
from scheduler.core.sync.drift import NEVER_READ, NO_DEAL, PAUSED, Aspect, DriftFinding, Repair
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from scheduler.app.hubspot_drift import HubSpotRepair, Repaired
    from scheduler.core.policy.hubspot import Theirs
    from scheduler.core.policy.policy import Policy
    from scheduler.services.sync.repairing import Drift

SHOWN = 100
"""How many differences people are shown; machines get all."""
_RECORD = {
    "here": Label("there"),
    "restored": Label("there"),
    "unmapped": Label("there"),
    "moved_out": Label("in a pipeline that is not mapped"),
    "archived": Label("archived"),
    "deleted": Label("deleted"),
    "merged": Label("merged into another"),
}
_OURS = {
    **_RECORD,
    **dict.fromkeys(("here", "restored", "unmapped"), Label("followed")),
    NO_DEAL: Label("no deal"),
    NEVER_READ: Label("never read"),
    PAUSED: Label("paused", context="drift"),
}
_RIGHT = {Side.OURS: Label("here"), Side.THEIRS: Label.verbatim("HubSpot")}
_REPAIRS = {
    Repair.TAKE_IN: Label("reads it in again"),
    Repair.PUSH: Label("writes it to HubSpot again"),
    Repair.LOOK_UP: Label("pauses its contract"),
    Repair.ADOPT: Label("uses the new id"),
}
_COUNTS = {
    "held": Label(
        "{count} deal is held until somebody decides: renewals sync hubspot status",
        many="{count} deals are held until somebody decides: renewals sync hubspot status",
    ),
    "coming": Label(
        "{count} deal has changed there since; the next round reads it",
        many="{count} deals have changed there since; the next round reads them",
    ),
    "edited": Label(
        "{count} contract has a value that somebody set by hand here; it stays",
        many="{count} contracts have values that somebody set by hand here; they stay",
    ),
    "unpushed": Label(
        "{count} deal is in another stage here; nothing is written to HubSpot, because push = "
        "false",
        many=(
            "{count} deals are in another stage here; nothing is written to HubSpot, because "
            "push = false"
        ),
    ),
    "unread": Label(
        "HubSpot returned nothing about {count} deal; compare again",
        many="HubSpot returned nothing about {count} deals; compare again",
    ),
    "told_parked": Label(
        "{count} deal is parked: HubSpot refuses it or has no stage for it; see renewals sync "
        "hubspot status",
        many=(
            "{count} deals are parked: HubSpot refuses them or has no stage for them; see renewals "
            "sync hubspot status"
        ),
    ),
    "told_due": Label(
        "{count} deal will be written to HubSpot by the next round",
        many="{count} deals will be written to HubSpot by the next round",
    ),
    "told_under_way": Label(
        "{count} deal is being written to HubSpot",
        many="{count} deals are being written to HubSpot",
    ),
    "told_unknown": Label(
        "it is not known yet whether {count} deal was written to HubSpot; it is being read back",
        many="it is not known yet whether {count} deals were written to HubSpot; they are being "
        "read back",
    ),
}
"""What differs and is no drift, in the order in which it is said."""


def repair(here: CommandContext, *, dry_run: bool, yes: bool) -> int:
    """Compares; shows; repairs where it is agreed to."""
    from scheduler.app.hubspot_drift import HubSpotRepair
    from scheduler.services.sync.syncing import StepFailure

    with with_database(here, edits=not dry_run) as app:
        refuse_copies(app)
        with closing(app.hubspot_rounds()) as rounds:
            repairing = HubSpotRepair(app, rounds, None if here.json else SHOWN)
            if yes and not dry_run:
                return _repaired(here, repairing, shown=False)
            drift = repairing.looked(app.clock.now())
            if isinstance(drift, StepFailure):
                return as_hindered(here, drift)
            _show(here, repairing, drift)
            asks = bool(drift.found) and not here.json
            if not drift.found or not agreed(yes=yes, dry_run=dry_run, asks=asks):
                return FAILED if drift.found else 0
            return _repaired(here, repairing, shown=True)


def _repaired(here: CommandContext, repairing: "HubSpotRepair", *, shown: bool) -> int:
    """Repairs, and says what is left. `shown`: people have seen what differs."""
    from scheduler.services.sync.syncing import StepFailure

    repaired = repairing.repaired(lambda: False)
    if isinstance(repaired, StepFailure):
        return as_hindered(here, repaired)
    if here.json:
        left = _plain(repairing, repaired.left)
        as_json(_plain(repairing, repaired.found) | {"left": left["findings"]})
    else:
        _show_repaired(repairing, repaired, shown=shown)
    return FAILED if repaired.left.found else 0


def _show_repaired(repairing: "HubSpotRepair", repaired: "Repaired", *, shown: bool) -> None:
    """Shows people what a repair did."""
    found, left = repaired.found, repaired.left
    if not shown:
        _show_drift(repairing, found)
    if found.found and not left.found:
        say("All differences are repaired.")
    if left.found:
        say(
            "{count} difference is left:",
            many="{count} differences are left:",
            count=left.found,
        )
        _table(repairing, left)


def _show(here: CommandContext, repairing: "HubSpotRepair", drift: "Drift") -> None:
    """Shows what differs, to people or machines."""
    if here.json:
        as_json(_plain(repairing, drift))
    else:
        _show_drift(repairing, drift)


def _plain(repairing: "HubSpotRepair", drift: "Drift") -> dict[str, Any]:
    """What differs, for machines."""
    return {
        "read": drift.read,
        "found": drift.found,
        "push": repairing.pushes,
        "findings": drift.findings,
        "no_drift": {name: drift.counts[name] for name in _COUNTS if drift.counts[name]},
    }


def _show_drift(repairing: "HubSpotRepair", drift: "Drift") -> None:
    """Shows people what differs, who is right and what the repair does; then what is not drift."""
    read = Label("{count} deal", many="{count} deals", count=drift.read)
    if drift.found:
        say(
            "{read} compared with HubSpot: {count} difference",
            many="{read} compared with HubSpot: {count} differences",
            read=read,
            count=drift.found,
        )
        _table(repairing, drift)
    else:
        say("{read} compared with HubSpot: nothing differs", read=read)
    for name, said in _COUNTS.items():
        if drift.counts[name]:
            say("· {said}", said=said.filled(count=drift.counts[name]))
    if not repairing.pushes:
        say(
            "Nothing is written to HubSpot ([hubspot] push = false): only our side is compared "
            "and repaired."
        )


def _table(repairing: "HubSpotRepair", drift: "Drift") -> None:
    """The differences, those that are kept."""
    policy, labels = repairing.app.policy, repairing.labels(repairing.app.clock.now())
    head = (
        text("deal", context="columns"),
        text("customer"),
        text("what", context="drift"),
        "HubSpot",
        text("here"),
        text("right", context="drift"),
        text("repair", context="drift"),
    )
    rows = [
        (
            each.contract or each.record_id,
            each.customer,
            _what(each),
            _theirs(each, policy, labels),
            _here(each, policy),
            text(_RIGHT[each.right]),
            text(_mend(each)),
        )
        for each in drift.findings
    ]
    table([Column(name) for name in head], rows)
    if drift.found > len(drift.findings):
        more = drift.found - len(drift.findings)
        say("  and {number} more (--json has all)", number=more)


def _what(each: DriftFinding) -> str:
    """The name of what differs."""
    match each.aspect:
        case Aspect.RECORD:
            return text("record", context="drift")
        case Aspect.STAGE:
            return field_name("stage", language())
        case Aspect.FIELD:
            return field_name(each.name, language())
    return next((text(p.label) for p in PROPERTIES if p.name == each.name), each.name)


def _theirs(each: DriftFinding, policy: "Policy", labels: "Mapping[Theirs, str]") -> str:
    """The value in HubSpot."""
    match each.aspect:
        case Aspect.RECORD if each.mend is Repair.ADOPT:
            return text("merged into {id}", id=each.theirs)
        case Aspect.RECORD:
            return text(_RECORD[each.theirs])
        case Aspect.STAGE:
            pipeline, _, stage = each.theirs.partition("/")
            return labels.get((pipeline, stage), each.theirs)
        case Aspect.FIELD:
            return field_value(each.name, each.theirs, language(), policy, each.pipeline)
    return _option(each.name, each.theirs)


def _here(each: DriftFinding, policy: "Policy") -> str:
    """The value here."""
    match each.aspect:
        case Aspect.RECORD:
            return text(_OURS[each.ours])
        case Aspect.STAGE:
            return stage_word(each.ours, policy.pipelines.get(each.pipeline))
        case Aspect.FIELD:
            return field_value(each.name, each.ours, language(), policy, each.pipeline)
    return _option(each.name, each.ours)


def _option(name: str, value: str) -> str:
    """A value of one of our properties, by its label where it is a choice."""
    options = next((dict(p.options) for p in PROPERTIES if p.name == name), {})
    return text(options[value]) if value in options else value or NOTHING


def _mend(each: DriftFinding) -> Label:
    """The words for what the repair does."""
    if each.mend is Repair.LOOK_UP and each.theirs == "here":
        return Label("resumes its contract")
    if each.aspect is Aspect.RECORD and each.mend is Repair.TAKE_IN:
        return Label("reads it in")
    return _REPAIRS[each.mend]
