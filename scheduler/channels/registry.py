"""Which channels there are: one line each. A channel that is not configured is left out; preview
always works."""

from collections.abc import Mapping
from hashlib import blake2b

from scheduler.channels.configured import ChannelConfigError, ChannelSettings, Configured
from scheduler.channels.email import EmailChannel
from scheduler.channels.preview import PreviewChannel
from scheduler.channels.slack import SlackChannel
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Channel

KINDS: tuple[type[Configured], ...] = (
    SlackChannel,
    EmailChannel,
    PreviewChannel,
)


def make_channels(
    settings: ChannelSettings, secrets: Mapping[str, str]
) -> dict[ChannelName, Channel]:
    """The channels that are configured, and preview. Connects to nothing. Raises ChannelConfigError
    at the first that cannot work."""
    made = {kind.name: kind.configured(settings, secrets) for kind in KINDS}
    return {name: channel for name, channel in made.items() if channel is not None}


def setup_fingerprints(
    settings: ChannelSettings, secrets: Mapping[str, str]
) -> dict[ChannelName, str]:
    """A mark of each channel's configuration that changes when it does. Four digits of a hash,
    which tell nobody what a secret is."""
    parts = {kind.name: kind.setup(settings, secrets) for kind in KINDS}
    return {
        name: blake2b("\0".join(texts).encode(), digest_size=2).hexdigest()
        for name, texts in parts.items()
        if texts
    }


def channel_problems(settings: ChannelSettings, secrets: Mapping[str, str]) -> list[Label]:
    """Everything that is wrong with the configuration of channels, without connecting."""
    problems = []
    for kind in KINDS:
        try:
            kind.configured(settings, secrets)
        except ChannelConfigError as error:
            problems.append(error.label)
    return problems
