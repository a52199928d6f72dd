"""`renewals sync hubspot --init`: reads an account, shows how its deals would stand here, and
writes `[hubspot]` into config.toml.

Always holds: a table that is there is never replaced: what would be proposed is shown beside it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scheduler.cli.context import CommandContext
from scheduler.cli.sync.survey_report import show_survey
from scheduler.cli.terminal.confirming import agreed
from scheduler.cli.terminal.say import as_json, heading, language, put, say, tell
from scheduler.core.config.hubspot_text import line_text, proposed_table, stage_text
from scheduler.core.config.rules.stage_lines import stage_key
from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.ends import place_of
from scheduler.core.sync.fields import DEFAULT_FIELDS, FIELDS
from scheduler.core.sync.linked import KIND_WORDS
from scheduler.core.sync.open_points import Mapped, OpenPoint, open_points
from scheduler.core.sync.proposal import (
    Differing,
    Proposal,
    differing_fields,
    differing_lines,
    proposal,
)
from scheduler.core.sync.survey import DEALS, LEARNED_LATER
from scheduler.core.words.labels import COMMA, Joined, Label

if TYPE_CHECKING:
    from scheduler.app.hubspot_account import AccountSetup
    from scheduler.app.wiring import App
    from scheduler.core.policy.hubspot import HubSpotSettings
    from scheduler.core.sync.ends import EndCount
    from scheduler.core.sync.survey import Survey

_MUST_ACT = 2


def propose(
    here: CommandContext, app: "App", setup: "AccountSetup", *, dry_run: bool, yes: bool
) -> int:
    """Shows what an account is like and what would stand in config.toml, and writes that where
    there is nothing yet. 2 where something keeps deals from being followed."""
    policy = setup.policy
    survey = setup.survey(language())
    found = proposal(
        survey.pipelines,
        policy,
        survey.offered,
        survey.filled,
        survey.elsewhere,
        survey.ends,
    )
    mapped = _mapped(survey, found, policy.hubspot)
    points = [*_scopes(survey, mapped.fields), *open_points(mapped, policy)]
    points.sort(key=lambda point: not point.blocks)
    table = _table(found, survey)
    if not here.json:
        show_survey(survey, mapped.stages, found, points, policy)
    if policy.hubspot is not None:
        return _beside(here, survey, found, policy.hubspot, points)
    written = _written(here, app, table, dry_run=dry_run, yes=yes)
    if here.json:
        as_json(_plain(survey, found, points) | {"table": table, "written": written})
    lacks = any(each.needed for each in survey.lacking)
    return _MUST_ACT if lacks or not table else 0


def _mapped(survey: "Survey", found: Proposal, settings: "HubSpotSettings | None") -> Mapped:
    """The mapping that counts: what is in force, else what is proposed."""
    taken = {g.field: g.taken.name for g in found.fields if g.taken}
    fields = {**DEFAULT_FIELDS, **taken} if settings is None else settings.fields
    return Mapped(
        found.stages if settings is None else settings.stages,
        {name: fields[name] for name in FIELDS if name in fields},
        survey.pipelines,
        survey.types,
        survey.account,
        survey.currencies,
        tuple(place_of(count) for count in survey.ends if _elsewhere(count)),
    )


def _elsewhere(count: "EndCount") -> bool:
    """Whether ends still ahead stand on objects other than deals."""
    return count.ahead > 0 and count.object_type != DEALS


def _scopes(survey: "Survey", fields: Mapping[str, str]) -> list[OpenPoint]:
    """The scopes that are missing, each with what it is for. `fields` is the mapping."""
    points = [
        OpenPoint(
            Label(
                "the token lacks {scopes}, needed for {purpose}; add it to the service key or the "
                "app",
                scopes=", ".join(lacks.scopes),
                purpose=lacks.purpose,
            ),
            blocks=True,
        )
        for lacks in survey.lacking
        if lacks.needed
    ]
    others = [scope for lacks in survey.lacking if not lacks.needed for scope in lacks.scopes]
    for kind in LinkedKind:
        filled = [name for name, place in fields.items() if place.startswith(f"{kind}/")]
        missing = [scope for scope in others if f".{kind}." in scope] if filled else []
        others = [scope for scope in others if scope not in missing]
        points += [OpenPoint(_lacks(kind, scope, filled), "objects" in scope) for scope in missing]
    if others:
        said = Label(
            "the token lacks {scopes}; add them only if ends of contracts stand in line items, "
            "quotes or contracts",
            scopes=", ".join(others),
        )
        points.append(OpenPoint(said))
    return points


def _lacks(kind: LinkedKind, scope: str, fields: Sequence[str]) -> Label:
    """A scope without which fields are not read, or not checked."""
    facts: dict[str, Any] = {
        "scope": scope,
        "fields": Joined(fields, COMMA),
        "kind": KIND_WORDS[kind],
    }
    if "objects" in scope:
        return Label(
            "the token lacks {scope}; {fields} would be read from {kind} and stay as they are "
            "until the token has it",
            **facts,
        )
    return Label(
        "the token lacks {scope}, so the properties of {kind} chosen for {fields} cannot be "
        "checked; they are read by what their values look like",
        **facts,
    )


def _table(found: Proposal, survey: "Survey") -> str:
    """The proposed table, empty where no stage has a place."""
    if not found.stages.pipelines:
        return ""
    account = survey.account
    about = Label(
        "HubSpot account {id} ({domain}), proposed by renewals sync hubspot --init on {on}",
        id=account.portal_id,
        domain=account.ui_domain,
        on=f"{survey.at.astimezone(account.zone):%Y-%m-%d}",
    )
    return proposed_table(found, survey.pipelines, language(), about)


def _written(here: CommandContext, app: "App", table: str, *, dry_run: bool, yes: bool) -> bool:
    """Shows the table and writes it, if that is agreed to."""
    if not table:
        return False
    if not here.json:
        heading("Proposed for config.toml")
        put(table.rstrip("\n"))
        say()
    if not agreed(yes=yes, dry_run=dry_run, asks=not here.json):
        return False
    from scheduler.app.hubspot_table import put_table

    file = put_table(app.working_folder, table)
    tell("written into {file}", file=file)
    tell("next: `renewals check`, then `renewals sync hubspot --dry-run`")
    return True


def _beside(
    here: CommandContext,
    survey: "Survey",
    found: Proposal,
    settings: "HubSpotSettings",
    points: list[OpenPoint],
) -> int:
    """Shows what a proposal would say that the table in config.toml does not."""
    lines = differing_lines(settings.stages, found.stages)
    fields = differing_fields(dict(settings.fields), found.fields)
    if here.json:
        differences = {"fields": fields, "stages": dict(map(_difference, lines))}
        told = {"differences": differences, "written": False}
        as_json(_plain(survey, found, points) | told)
    else:
        _show_differences(lines, fields)
        tell("config.toml has a [hubspot] already; it was left as it is")
    return _MUST_ACT if any(point.blocks for point in points) else 0


def _difference(each: Differing) -> tuple[str, dict[str, str | None]]:
    """The difference of one line, for machines."""
    there = stage_text(each.there) if each.there else None
    return stage_key(*each.theirs), {"proposed": stage_text(each.proposed), "there": there}


def _show_differences(lines: Sequence[Differing], fields: Mapping[str, str]) -> None:
    """Lines to take out and to put in."""
    if not (lines or fields):
        return
    heading("What a new proposal would change")
    for field, property in fields.items():
        put(f'+ {field} = "{property}"')
    for each in lines:
        if each.there is not None:
            put(f"- {line_text(each.there)}")
        put(f"+ {line_text(each.proposed)}")
    say()


def _plain(survey: "Survey", found: Proposal, points: list[OpenPoint]) -> dict[str, Any]:
    """The survey for machines."""
    account = survey.account
    return {
        "account": {
            "id": account.portal_id,
            "domain": account.ui_domain,
            "kind": account.kind,
            "zone": account.zone.key,
            "currency": account.currency,
        },
        "pipelines": [
            {
                "id": p.id,
                "label": p.label,
                "deals": survey.deals.get(p.id),
                "stages": [{"id": s.id, "label": s.label} for s in p.stages],
            }
            for p in survey.pipelines
        ],
        "owners": list(survey.owners.by_id.values()),
        "deals": survey.deals.get(""),
        "looked_at": survey.looked,
        "fields": found.fields,
        "ends": survey.ends,
        "probes": survey.probes,
        "learned_with_the_first_push": LEARNED_LATER,
        "lacking": survey.lacking,
        "open": points,
    }
