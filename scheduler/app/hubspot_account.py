"""A HubSpot account before it is kept in step: looked at, and furnished with what is ours.

Always holds: only `steps` with `make` and `removals` with `remove` write anything there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.app.hubspot import hubspot_client
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.stages import TheirPipeline
from scheduler.core.sync.steps import RemovalStep, SchemaStep
from scheduler.core.sync.survey import Survey
from scheduler.core.sync.terms import Account
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.hubspot import account, plan_limits, removing, schema, survey
from scheduler.hubspot.client import HubspotClient

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.ports import Stopwatch


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account and the policy it is to follow. Everything raises HubspotError."""

    client: HubspotClient
    policy: Policy

    def account(self) -> Account:
        """Reads what kind of account it is."""
        return account.account(self.client)

    def survey(self, language: Language) -> Survey:
        """All that can be read of it; labels come in `language` first. Where config.toml says that
        it is written to, whether the token may is asked, too."""
        settings = self.policy.hubspot
        writes = settings is not None and settings.push
        return survey.surveyed(self.client, language, writes=writes)

    def pipelines(self) -> list[TheirPipeline]:
        """Its pipelines with their stages."""
        return account.pipelines(self.client)

    def steps(self, *, pipelines: bool, make: bool) -> Iterator[SchemaStep]:
        """Each thing of ours as it stands there; makes what is missing if `make`. Our pipelines are
        among them where `pipelines` says so."""
        language = self.language
        yield from schema.properties_made(self.client, language, make=make)
        if pipelines:
            ours = self.policy.pipelines.values()
            yield from schema.pipelines_made(self.client, ours, language, make=make)

    def removals(self, *, remove: bool) -> Iterator[RemovalStep]:
        """Each thing there that is ours or is called so; takes ours away if `remove`."""
        return removing.removed(self.client, self.policy.pipelines.values(), remove=remove)

    def over_plan_limits(self, steps: Sequence[SchemaStep]) -> list[Label]:
        """What of it the plan has no room for."""
        return plan_limits.over_plan_limits(self.client, steps)

    @property
    def language(self) -> Language:
        """The language of what is written there."""
        settings = self.policy.hubspot
        return self.policy.language if settings is None else settings.language


@contextmanager
def account_setup(app: "App", stopwatch: "Stopwatch | None" = None) -> Iterator[AccountSetup]:
    """The account that the folder's environment names, beside what its config.toml says. Raises
    like `hubspot_client`, and ConfigRefusedError."""
    policy = app.config.policy
    with hubspot_client(app, stopwatch) as client:
        yield AccountSetup(client, policy)
