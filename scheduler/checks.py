"""Everything `renewals check` looks at: configuration, templates, channels, routes, the database. The same code as `run` uses reads each of them.

Always holds: nothing is changed; one thing that is wrong does not keep the others from being looked at.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from scheduler.core.config.reading import Config
from scheduler.core.dates import local_day
from scheduler.core.labels import Label
from scheduler.core.policy import Policy
from scheduler.core.routing import way_of_address
from scheduler.core.words import ChannelName, Language
from scheduler.opening import prepare_to_read
from scheduler.shipped import shipped_templates
from scheduler.wiring import App


@dataclass
class Findings:
    """What was found: `problems` must be mended, `notes` should be known."""

    language: Language
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, label: Label) -> None:
        """Something that must be mended."""
        self.problems.append(label.of(self.language))

    def note(self, label: Label) -> None:
        """Something that should be known."""
        self.notes.append(label.of(self.language))


def check_everything(app: App, found: Findings, *, connect: bool) -> None:
    """Looks at everything. `connect`: also asks Slack and the mail server."""
    config = _config(app, found)
    _templates(app, found)
    if config is None:
        return
    app.config = config
    _channels(app, found, connect)
    _addresses(config.policy, _configured(app), found)
    _database(app, found)


def _config(app: App, found: Findings) -> Config | None:
    """The configuration, or its problems."""
    result = app.working_folder.problems_or_config()
    if isinstance(result, Config):
        return result
    found.problems += [problem.shown(found.language) for problem in result]
    return None


def _templates(app: App, found: Findings) -> None:
    """The user's own templates, each tried on nudges of every shape."""
    from scheduler.render.checking import template_problems  # noqa: PLC0415  (Jinja is loaded only if there is something to try)

    own = app.working_folder.templates()
    if own:
        found.problems += template_problems(shipped_templates(), own)


def _channels(app: App, found: Findings, connect: bool) -> None:
    """How each channel is configured and, if asked, whether it answers."""
    from scheduler.channels.registry import channel_problems  # noqa: PLC0415

    wrong = channel_problems(app.channel_settings, app.env)
    found.problems += wrong + [problem.of(found.language) for problem in app.slack_problems()]
    if wrong:
        return
    if connect:
        found.problems += [problem for channel in app.channels.values() for problem in channel.check()]
    _buttons(app, found, connect)
    if set(app.channels) == {ChannelName.PREVIEW}:
        found.note(
            Label(
                "Slackもメールも未設定です(SLACK_BOT_TOKEN、SMTP_URL)。メッセージは送信されず、データベースに残ります。",
                "neither Slack nor e-mail is configured (SLACK_BOT_TOKEN, SMTP_URL); messages stay in the database",
            )
        )


def _buttons(app: App, found: Findings, connect: bool) -> None:
    """Whether anything can be pressed on Slack."""
    if ChannelName.SLACK not in app.channels or app.slack_problems():
        return
    token = app.env.get("SLACK_APP_TOKEN", "").strip()
    if not token:
        ja = "SLACK_APP_TOKEN が未設定のため、Slackのボタンは使えません(docs/slack.md)。"
        found.note(Label(ja, "SLACK_APP_TOKEN is not set, so nothing can be pressed on Slack (docs/slack.md)"))
    elif connect:
        from scheduler.channels.slack.workspace import app_token_problems  # noqa: PLC0415

        found.problems += app_token_problems(token, app.env.get("SLACK_API_URL"))


def _configured(app: App) -> frozenset[ChannelName]:
    """The channels that can be used."""
    from scheduler.core.errors import UserMustActError  # noqa: PLC0415

    try:
        return frozenset(app.channels)
    except UserMustActError:
        return frozenset(ChannelName)


def _addresses(policy: Policy, configured: Collection[ChannelName], found: Findings) -> None:
    """Whether the addresses that the policy names can be reached."""
    if set(configured) == {ChannelName.PREVIEW}:
        return
    for where, address in _named(policy):
        if way_of_address(address, configured)[0] is ChannelName.PREVIEW:
            found.problem(
                Label(f"config.toml  {where}：{address} に届く経路が設定されていません。", f"config.toml  {where}: no way to {address} is configured")
            )
        elif address.endswith(("@example.com", "@example.org", "@example.net")):
            found.note(Label(f"{where} が見本の宛先({address})のままです。", f"{where} is still the sample address {address}"))


def _named(policy: Policy) -> Iterator[tuple[str, str]]:
    """Every address in the policy, with where it stands."""
    for address in policy.admins:
        yield "admins", address
    for pipeline in policy.pipelines.values():
        yield f"pipelines[{pipeline.id}].fallback", pipeline.fallback
    for milestone in policy.milestones:
        yield from ((f"milestones[{milestone.id}].tell", told) for told in milestone.tell if ":" in told)


def _database(app: App, found: Findings) -> None:
    """Whether the database can be used, which policy is in force, and whether the people in it can be told."""
    from scheduler.core.errors import UserMustActError  # noqa: PLC0415
    from scheduler.ports import StoreUnavailableError  # noqa: PLC0415

    try:
        prepare_to_read(app)
    except UserMustActError as error:
        found.note(error.label)
        return
    except StoreUnavailableError as error:
        found.problem(error.label)
        return
    for notice in app.notices:
        found.note(notice)
    if app.keeping.rehearsed():
        found.note(
            Label(
                "リハーサル用のデータベースです：送信はプレビューとこのマシン宛てだけです。",
                "a rehearsal's database: messages go to preview and this machine only",
            )
        )
    _contracts(app, found)


def _contracts(app: App, found: Findings) -> None:
    """What is to be known about the contracts and people in the database, under the policy of the file."""
    from scheduler.services.checking import check_database  # noqa: PLC0415
    from scheduler.storage.checking import CheckRows  # noqa: PLC0415

    policy = app.config.policy
    today = local_day(app.clock.now(), ZoneInfo(policy.zone))
    for finding in check_database(CheckRows(app.reading), policy, _configured(app), today):
        (found.problem if finding.must else found.note)(finding.text)
