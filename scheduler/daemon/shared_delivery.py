"""What the jobs of a daemon share."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.services.delivery.delivery import Delivery

if TYPE_CHECKING:
    from scheduler.app.wiring import App

Stop = Callable[[], bool]
"""Whether a step is to stop; asked between two messages."""


class SharedDelivery:
    """What a delivery works with, one for all jobs: it remembers what is not recorded yet."""

    def __init__(self, app: "App") -> None:
        self._app, self._delivery, self._version = app, app.delivery(), app.policy.version

    def now(self) -> Delivery:
        """With the texts of the policy in force."""
        version = self._app.policy.version
        if self._version != version:
            self._delivery = replace(self._delivery, renderer=self._app.renderer)
        self._version = version
        return self._delivery
