"""Which channels there are: one line each. A channel that is not configured is left out; preview
always works."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlsplit

from scheduler.channels.email import BadAddressError, EmailChannel, Sender
from scheduler.channels.preview import PreviewChannel
from scheduler.channels.slack import SlackChannel
from scheduler.channels.smtp_url import Server, SmtpUrlError
from scheduler.core.config.addresses import is_this_machine
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Channel

SLACK_BOT_TOKEN, SMTP_URL = "SLACK_BOT_TOKEN", "SMTP_URL"
"""The names of the secrets the channels need."""


class ChannelConfigError(LabelledError, ValueError):
    """A channel is configured in a way that cannot work; `label` says what to change, never a
    secret."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What a machine says about its channels, secrets apart. `mail_from` e.g. `Renewals
    <renewals@example.com>`."""

    slack_api_url: str | None = None
    mail_from: str = ""
    mails_per_connection: int = 100


def _slack(settings: ChannelSettings, secrets: Mapping[str, str]) -> Channel | None:
    token = secrets.get(SLACK_BOT_TOKEN, "").strip()
    if not token:
        return None
    if not token.startswith("xox") or not token.isascii() or any(c.isspace() for c in token):
        raise ChannelConfigError(
            (
                "{slack_bot_token} is not a Slack token; copy the app's bot token, which "
                "begins with xoxb-"
            ),
            slack_bot_token=SLACK_BOT_TOKEN,
        )
    if settings.slack_api_url and not _is_private(settings.slack_api_url):
        raise ChannelConfigError(
            "the Slack API address must begin with https:// (or http:// for a server on this "
            "machine)"
        )
    return SlackChannel(token, settings.slack_api_url)


def _email(settings: ChannelSettings, secrets: Mapping[str, str]) -> Channel | None:
    url = secrets.get(SMTP_URL, "").strip()
    if not url:
        return None
    if not settings.mail_from:
        raise ChannelConfigError(
            'e-mail needs a sender; set mail_from, e.g. "Renewals <renewals@example.com>"'
        )
    try:
        return EmailChannel(
            Server.parse(url), Sender.parse(settings.mail_from), settings.mails_per_connection
        )
    except SmtpUrlError as error:
        raise ChannelConfigError(error.label) from None
    except BadAddressError as error:
        raise ChannelConfigError("mail_from: {error}", error=error) from None


_MAKERS: Mapping[ChannelName, Callable[[ChannelSettings, Mapping[str, str]], Channel | None]] = {
    ChannelName.SLACK: _slack,
    ChannelName.EMAIL: _email,
    ChannelName.PREVIEW: lambda settings, secrets: PreviewChannel(),
}


def _is_private(address: str) -> bool:
    """Whether what goes to this address can be read by nobody on the way: https, or a server on
    this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and is_this_machine(parts.hostname or "")
    )


def make_channels(
    settings: ChannelSettings, secrets: Mapping[str, str]
) -> dict[ChannelName, Channel]:
    """The channels that are configured, and preview. Connects to nothing. Raises ChannelConfigError
    at the first that cannot work."""
    made = {name: make(settings, secrets) for name, make in _MAKERS.items()}
    return {name: channel for name, channel in made.items() if channel is not None}


def setup_marks(settings: ChannelSettings, secrets: Mapping[str, str]) -> dict[ChannelName, str]:
    """A mark of each channel's configuration that changes when it does. Four digits of a hash,
    which tell nobody what a secret is."""
    parts = {
        ChannelName.SLACK: (secrets.get(SLACK_BOT_TOKEN, "").strip(), settings.slack_api_url or ""),
        ChannelName.EMAIL: (secrets.get(SMTP_URL, "").strip(), settings.mail_from),
    }
    return {
        name: blake2b("\0".join(texts).encode(), digest_size=2).hexdigest()
        for name, texts in parts.items()
    }


def channel_problems(settings: ChannelSettings, secrets: Mapping[str, str]) -> list[Label]:
    """Everything that is wrong with the configuration of channels, without connecting."""
    problems = []
    for make in _MAKERS.values():
        try:
            make(settings, secrets)
        except ChannelConfigError as error:
            problems.append(error.label)
    return problems
