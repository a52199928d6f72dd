"""What sending works with: the policy in force, texts, links and channels."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from os import getpid
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING

from scheduler.app.copies import Copies
from scheduler.app.policy_building import build_policy
from scheduler.app.policy_edits.judged import judged
from scheduler.app.policy_edits.keeper import PolicyKeeper
from scheduler.app.shipped import shipped_templates
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName

if TYPE_CHECKING:
    from scheduler.channels.watcher import OutsideWatcher
    from scheduler.core.policy.policy import Policy
    from scheduler.inbound.links import SignedLinks
    from scheduler.ports import Channel
    from scheduler.render.renderer import TemplateRenderer
    from scheduler.services.delivery.delivery import Delivery


class Sending(Copies):
    """Everything between a nudge that is due and the outside."""

    @cached_property
    def keeper(self) -> PolicyKeeper:
        """The policy in force."""
        from scheduler.storage.policy.versions import PolicyVersions

        return PolicyKeeper(PolicyVersions(self.engine, self.reading), build_policy, self._judged)

    def _judged(self, edited: "Policy", now: datetime) -> "Sequence[Label]":
        """The objections that keep an edit of config.toml from coming into force by itself."""
        by_itself = self.config.machine.apply_edits
        return judged(edited, self.policy, self.plans, now, apply_edits=by_itself)

    @property
    def policy(self) -> "Policy":
        """The policy that messages go by (`PolicyKeeper.policy`)."""
        return self.keeper.policy()

    @property
    def renderer(self) -> "TemplateRenderer":
        """Texts: the shipped templates under those of the policy in force."""
        from scheduler.charts.child_process import drawn_in_child_process
        from scheduler.render.renderer import TemplateRenderer

        return TemplateRenderer(
            shipped_templates(),
            self.policy.templates,
            pressable=bool(self.env.get("SLACK_APP_TOKEN")),
            draw=partial(drawn_in_child_process, on_failure=_not_drawn),
        )

    def _texts(self) -> "TemplateRenderer":
        """The texts of the policy in force, kept as long as it is."""
        version = self.policy.version
        if version not in self._renderers:
            self._renderers = {version: self.renderer}
        return self._renderers[version]

    @cached_property
    def links(self) -> "SignedLinks | None":
        """Signs the links in messages; None where `[machine] base_url` is empty."""
        base_url = self.config.machine.base_url
        return self._signer(base_url) if base_url else None

    def _signer(self, base_url: str) -> "SignedLinks":
        """Signs with LINK_SECRET's first secret, else with this installation's own; both are
        accepted. Raises UserMustActError."""
        from scheduler.inbound.links import SignedLinks, refuse_weak_secrets, secrets_of

        configured = secrets_of(self.env.get("LINK_SECRET", ""))
        refuse_weak_secrets(self.env.get("LINK_SECRET", ""))
        return SignedLinks(
            base_url, (*configured, *self._own_secrets(make=not configured)), self.clock
        )

    def _own_secrets(self, *, make: bool) -> tuple[str, ...]:
        """This installation's own keys: beside a SQLite file, which has one machine; in the working
        folder of each machine on PostgreSQL."""
        from scheduler.app.link_keys import own_secrets

        file, shared = self._key_place()
        return own_secrets(self.linked, file, self.clock.now(), shared=shared, make=make)

    def _key_place(self) -> tuple[Path, bool]:
        """Where the key of this installation lies, and whether several machines may use its
        database."""
        from scheduler.app.link_keys import LINK_KEY
        from scheduler.storage.database.journal import file_of

        database = file_of(self.database_url)
        return (
            (database.with_name(LINK_KEY), False)
            if database is not None
            else (self.folder.absolute() / LINK_KEY, True)
        )

    def _makes_links(self) -> bool:
        """Whether config.toml, where it can be read, wants links or pages."""
        try:
            return bool(self.config.machine.base_url or self.config.machine.listen)
        except (UserMustActError, ConfigRefusedError):
            return False

    def link_problems(self) -> "list[Label]":
        """What is wrong with the key that signs links, where any are made: it could be guessed, or
        there is no place to keep it."""
        from scheduler.app.link_keys import can_be_kept, not_to_be_kept
        from scheduler.inbound.links import refuse_weak_secrets

        configured = self.env.get("LINK_SECRET", "")
        try:
            refuse_weak_secrets(configured)
        except UserMustActError as error:
            return [error.label]
        if configured or not self._makes_links():
            return []
        file, shared = self._key_place()
        return [] if not shared or can_be_kept(file) else [not_to_be_kept(file)]

    @cached_property
    def channels(self) -> "dict[ChannelName, Channel]":
        """The configured ways out, and preview. Raises UserMustActError, also where the links they
        carry could be forged."""
        from scheduler.channels.configured import ChannelConfigError
        from scheduler.channels.registry import make_channels
        from scheduler.inbound.links import refuse_weak_secrets

        refuse_weak_secrets(self.env.get("LINK_SECRET", ""))
        try:
            return make_channels(self.channel_settings, self.env)
        except ChannelConfigError as error:
            raise UserMustActError(error.label) from error

    def delivery(self) -> "Delivery":
        """What sending works with, under this process's name."""
        from scheduler.services.delivery.delivery import Delivery

        machine = self.config.machine
        return Delivery(
            self.delivering,
            self.channels,
            self.renderer,
            self.clock,
            f"{gethostname()}:{getpid()}",
            timedelta(seconds=machine.lease_seconds),
            machine.send_seconds,
            machine.send_batch,
            self.loopback_only,
            self.links,
        )

    def outside_watcher(self) -> "OutsideWatcher | None":
        """The outside watcher, which is notified of completed rounds; None where none is
        configured, and in a rehearsal unless it is on this machine."""
        from scheduler.channels.watcher import OutsideWatcher
        from scheduler.core.config.addresses import is_this_machine

        url = self.config.machine.heartbeat_url
        watcher = OutsideWatcher(url) if url else None
        return (
            None
            if watcher is None or (self.loopback_only and not is_this_machine(watcher.host))
            else watcher
        )

    def unreported_failures(self) -> "Sequence[ChannelName]":
        """The channels that do not work while no way leads to any admin."""
        return self.liveness_rows.unreported_failures(
            self.policy.admins, tuple(self.channels), self.clock.now()
        )


def _not_drawn(because: str) -> None:
    """Logs that a message goes out without its picture."""
    from scheduler.system.logs import log

    log().warning("a picture could not be drawn; the message goes out without it", because=because)
