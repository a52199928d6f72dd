"""Preview: the way out where no other channel is configured. The rendered message stays in
the database, where people can read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from typing_extensions import override

from scheduler.channels.configured import ChannelSettings
from scheduler.core.messages.states import Shown
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Changed, Channel, Envelope, NotSent, Outcome, Sent


class PreviewChannel(Channel):
    """Accepts everything; whoever delivers keeps what was rendered."""

    name = ChannelName.PREVIEW

    @classmethod
    def configured(cls, settings: ChannelSettings, secrets: Mapping[str, str]) -> Self:
        """Always there."""
        return cls()

    @staticmethod
    def setup(settings: ChannelSettings, secrets: Mapping[str, str]) -> tuple[str, ...]:
        """Nothing is configured."""
        return ()

    @override
    def send(self, envelope: Envelope, deadline_seconds: float) -> Outcome:
        """Always accepted."""
        return Sent("preview")

    @override
    def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
        """Certainly not there: the text is kept in the commit that records the sending, and that
        did not happen."""
        return NotSent("the text was not kept")

    @override
    def update(
        self, envelope: Envelope, receipt: str, deadline_seconds: float, shown: Shown | None = None
    ) -> Changed:
        """Nobody waits for it: whoever looks reads the deal."""
        return Changed(Sent(receipt))

    @override
    def address_problem(self, address: str) -> str:
        """Every address will do."""
        return ""

    @override
    def check(self) -> Sequence[str]:
        """Nothing can be wrong."""
        return ()

    @override
    def is_loopback(self) -> bool:
        """Nothing leaves this machine."""
        return True

    @override
    def close(self) -> None:
        """Nothing to let go of."""
