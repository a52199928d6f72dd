"""Channels (送信方法): the ways out, each with all that the rules, the checks and the commands ask
about it; how it is spoken to is a file of `scheduler.channels`.

Always holds: a member of `ChannelName` has one entry in `CHANNELS`, the best way to a person first;
a secret of a channel never stands in the configuration, only in the variables it names here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from scheduler.core.messages.faults import FaultKind
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import ChannelName

_LOCAL, _DOMAIN = r'[^@\s,;:<>()"]+', r'[^@\s.,;:<>()"]+'


class InDoubt(StrEnum):
    """What is done about a message of which nobody knows whether it arrived: the other side is
    asked; it is sent again under the same id; or somebody has to say."""

    LOOK_UP = "look_up"
    RESEND = "resend"
    ASK = "ask"


class MessageForm(StrEnum):
    """Of which templates a message is made: a mail's (subject, text, page) or a post's."""

    MAIL = "mail"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting of the environment: its name, a value as an example, and what `.env.example` says
    of it (without an example, nothing). One that is no secret may be shown."""

    name: str
    example: str = ""
    says: Label = Label("")
    is_secret: bool = True


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """What a channel is called, and how it behaves.

    `address` is the pattern of an address behind `slack:` in the configuration (empty: none can be
    written), `example` one; `person` the field of a person with theirs. `settle`: for how long
    nothing is done after a hand-over of unknown outcome. `changes`: what is out is made to show
    what became of it. `leaves`: it leaves this machine. `mend` says what to do about a fault of the
    whole channel.
    """

    label: Label
    address: str = ""
    example: str = ""
    person: str = ""
    form: MessageForm = MessageForm.MAIL
    settle: timedelta = timedelta(0)
    in_doubt: InDoubt = InDoubt.ASK
    changes: bool = False
    leaves: bool = True
    mend: Mapping[FaultKind, Label] = field(default_factory=dict)
    variables: tuple[Variable, ...] = ()


CHANNELS: Mapping[ChannelName, ChannelRule] = {
    ChannelName.SLACK: ChannelRule(
        Label("Slack"),
        address=r"[#@]?[^\s#@,;:]+",
        example="slack:#renewals",
        person="slack_id",
        form=MessageForm.POST,
        settle=timedelta(seconds=60),  # its history lags
        in_doubt=InDoubt.LOOK_UP,
        changes=True,
        mend={
            FaultKind.ACCESS: Label(
                "Install the app again, set the new SLACK_BOT_TOKEN and restart; sending is then "
                "tried at once."
            ),
            FaultKind.EVERYBODY: Label(
                "Slack refuses every recipient: check that SLACK_BOT_TOKEN belongs to the right "
                "workspace."
            ),
        },
        variables=(
            Variable("SLACK_BOT_TOKEN", "xoxb-...", Label("Slack: the app's bot token")),
            Variable(
                "SLACK_APP_TOKEN",
                "xapp-...",
                Label("Slack's buttons: the app-level token (docs/slack.md)"),
            ),
            Variable("SLACK_API_URL", is_secret=False),
        ),
    ),
    ChannelName.EMAIL: ChannelRule(
        Label("e-mail"),
        address=rf"{_LOCAL}@{_DOMAIN}(\.{_DOMAIN})+",
        example="email:cs@example.com",
        person="email",
        settle=timedelta(minutes=15),  # it may still bounce
        in_doubt=InDoubt.RESEND,
        mend={
            FaultKind.ACCESS: Label(
                "Correct the user and password in SMTP_URL and restart; sending is then tried at "
                "once."
            ),
            FaultKind.EVERYBODY: Label(
                "The mail server refuses every recipient: ask whoever runs it whether this machine "
                "may relay, and whether it accepts mail_from."
            ),
        },
        variables=(
            Variable(
                "SMTP_URL",
                "smtp://user:password@mail.example.com:587?starttls=required",
                Label("e-mail: smtp:// or smtps://"),
            ),
        ),
    ),
    ChannelName.PREVIEW: ChannelRule(Label("preview"), leaves=False),
}

_WRITTEN = (f"{name}:{rule.address}" for name, rule in CHANNELS.items() if rule.address)
ADDRESS = f"({'|'.join(_WRITTEN)})"
"""Where a message can go: `email:cs@example.com`, `slack:#renewals`, `slack:U0123`."""
EXAMPLES = tuple(rule.example for rule in CHANNELS.values() if rule.example)
"""An address of each kind."""
PERSONAL: Mapping[ChannelName, str] = {
    name: rule.person for name, rule in CHANNELS.items() if rule.person
}
"""The field of a person that holds their address, the best way first."""
LEAVING = frozenset(name for name, rule in CHANNELS.items() if rule.leaves)
"""The channels by which anything leaves this machine."""
CHANGING = frozenset(name for name, rule in CHANNELS.items() if rule.changes)
"""The channels on which what is out is made to show what became of it."""
VARIABLES = tuple(variable for rule in CHANNELS.values() for variable in rule.variables)
"""What channels are told by the environment."""


def first_variables() -> Joined:
    """What each channel cannot do without, as a list."""
    return Joined((rule.variables[0].name for rule in CHANNELS.values() if rule.variables), COMMA)
