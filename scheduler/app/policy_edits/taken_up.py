"""A saved config.toml is taken up: read, judged, and put in force if nothing holds it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scheduler.app.policy_edits.judged import shown
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.services.policy.in_force import Followed

if TYPE_CHECKING:
    from scheduler.app.wiring import App


@dataclass(frozen=True, slots=True)
class NotRead:
    """A config.toml that has mistakes or cannot be read, and what they are; everything stays as it
    was."""

    problems: Sequence[Label]


def taken_up(app: "App", author: str, now: datetime) -> Followed | NotRead:
    """Takes up what the files of the working folder say now. Raises StoreUnavailableError."""
    try:
        config = app.working_folder.read()
    except ConfigRefusedError as error:
        return NotRead(shown(error.problems))
    except UserMustActError as error:
        return NotRead([error.label])
    followed = app.keeper.follow(config, author, now)
    app.config = config
    return followed
