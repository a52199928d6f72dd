"""Stages as people know them, HubSpot's by what they are called there, ours by `config.toml`.

Always holds: what nobody has a name for is shown by its id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.cli.terminal.say import label, language, text
from scheduler.cli.terminal.words import fact_named
from scheduler.core.words.reasons import word

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

_STAGES = ("theirs", "ours", "stage")
"""The facts of a stored reason that are stages."""


@dataclass(frozen=True, slots=True)
class StageNames:
    """Names stages; `there`: what those of HubSpot's are called, by id."""

    there: Mapping[str, str]
    policy: "Policy"

    def theirs(self, stage: str) -> str:
        """A stage of HubSpot's."""
        return self.there.get(stage) or self._here(stage) or stage

    def ours(self, stage: str) -> str:
        """A stage that was decided here: ours, or the one of HubSpot's it was written as."""
        return self._here(stage) or self.there.get(stage) or stage

    def because(self, stored: str) -> str:
        """A stored reason as a sentence."""
        return word(stored, language(), self._fact)

    def _fact(self, fact: str, value: str) -> str:
        """The words for one fact of a reason."""
        if fact not in _STAGES:
            return fact_named(fact, value, self.policy)
        return self.ours(value) if fact == "ours" else self.theirs(value)

    def _here(self, stage: str) -> str:
        """A stage of ours, by its id or as `pipeline/stage`; empty for another."""
        of, _, id = stage.rpartition("/")
        for pipeline in self.policy.pipelines.values():
            found = pipeline.find(id) if of in ("", pipeline.id) else None
            if found is not None:
                name = label(found.label)
                if not of:
                    return name
                return text("{pipeline}: {stage}", pipeline=label(pipeline.label), stage=name)
        return ""
