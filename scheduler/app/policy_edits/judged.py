"""What keeps an edit of config.toml from coming into force by itself.

Always holds: texts with mistakes hold back every edit, also one that somebody applies; everything
else only one that was saved, until somebody applies its plan.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scheduler.app.shipped import shipped_templates
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.core.words.labels import ByLanguage, Label

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.core.words.problems import Problem
    from scheduler.services.policy.planning import PlanStore


def judged(
    edited: "Policy", in_force: "Policy", plans: "PlanStore", now: datetime, *, apply_edits: bool
) -> Sequence[Label]:
    """The objections to a saved edit; empty if it may come into force: mistakes in its texts, a
    folder in which every edit is applied by hand, or what it would do to deals."""
    from scheduler.services.policy.planning import harms

    if broken := broken_templates(edited.templates):
        return shown(broken)
    if not apply_edits:
        return [
            Label(
                "[machine] apply_edits is false: edits come into force by `renewals plan` and "
                "`renewals apply`"
            )
        ]
    with plans.snapshot() as snapshot:
        return harms(snapshot, in_force, edited, now)


def shown(problems: "Sequence[Problem]") -> list[Label]:
    """Mistakes as sentences, each with its file and line."""
    return [Label.verbatim(ByLanguage(p.shown)) for p in problems]


def broken_templates(own: "Mapping[str, str]") -> "Sequence[Problem]":
    """The problems of a user's own texts, each with its file and line; none if there are no texts
    of their own."""
    if not own:
        return ()
    from scheduler.render.checking import template_problems

    return template_problems(shipped_templates(), own)


def refuse_broken_templates(document: Mapping[str, Any]) -> None:
    """Raises ConfigRefusedError if the texts of a document have mistakes: they are part of the
    edit."""
    problems = broken_templates(document.get("templates", {}))
    if problems:
        raise ConfigRefusedError(problems)
