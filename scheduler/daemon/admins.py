"""What the daemon tells the admins: by the queue, once for each key."""

from datetime import datetime
from typing import TYPE_CHECKING

from scheduler.core.words.labels import Label
from scheduler.services.delivery.alerts import alert

if TYPE_CHECKING:
    from scheduler.app.wiring import App


class Admins:
    """The admins of the policy in force."""

    def __init__(self, app: "App") -> None:
        self._app = app

    def tell(self, key: str, title: Label, text: Label, todo: Label, now: datetime) -> None:
        """Tells the admins, once for each key."""
        policy = self._app.policy
        key, facts = alert(key, policy.language, title, text, todo)
        with self._app.delivering() as transaction:
            transaction.alert(key, facts, policy, tuple(self._app.channels), now)
