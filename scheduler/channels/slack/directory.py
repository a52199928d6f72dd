"""Who somebody is on Slack, by e-mail (`users.lookupByEmail`, optional scope `users:read.email`).
Always holds: nothing is changed on Slack."""

from scheduler.channels.slack.api import Deadline, SlackApi, SlackError
from scheduler.ports import DirectoryError

_SECONDS = 15.0
_NOBODY = "users_not_found"


class SlackDirectory:
    """Looks people up in one workspace."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._api = SlackApi(token, api_url)

    def id_of(self, email: str) -> str:
        """The member id of whoever has this e-mail; empty where nobody has, or the account is
        deactivated. Raises DirectoryError."""
        try:
            user = self._api.call(
                "users.lookupByEmail", {"email": email}, Deadline.after(_SECONDS)
            ).get("user", {})
        except SlackError as error:
            if error.code == _NOBODY:
                return ""
            raise DirectoryError(
                error.code, str(error), getattr(error.outcome, "retry_after", None)
            ) from None
        return "" if user.get("deleted") or user.get("is_bot") else str(user.get("id", ""))
