"""What a machine says about its channels, and the refusal of what cannot work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from scheduler.core.config.addresses import is_this_machine
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Channel


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


class Configured(Protocol):
    """A channel's class, as the registry lists it."""

    name: ChannelName

    @classmethod
    def configured(cls, settings: ChannelSettings, secrets: Mapping[str, str]) -> Channel | None:
        """The channel as the settings and `secrets` say; None where they do not speak of it.
        Connects to nothing. Raises ChannelConfigError."""

    @staticmethod
    def setup(settings: ChannelSettings, secrets: Mapping[str, str]) -> tuple[str, ...]:
        """The parts of its configuration that make a broken channel worth another try when they
        change."""


def is_private(address: str) -> bool:
    """Whether nobody on the way can read what is sent to this address: it is https, or http to this
    machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and is_this_machine(parts.hostname or "")
    )
