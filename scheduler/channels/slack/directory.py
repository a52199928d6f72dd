"""Who somebody is on Slack, by e-mail (`users.lookupByEmail`, optional scope `users:read.email`). Always holds: nothing is changed on Slack."""

from scheduler.channels.slack.api import Deadline, SlackApi, SlackError

SCOPE = "users:read.email"
_SECONDS = 15.0
_NOBODY = "users_not_found"


class DirectoryError(Exception):
    """Slack does not tell; `code` is its word for why, `wait` how many seconds to wait where it limits us."""

    def __init__(self, code: str, because: str, wait: float | None) -> None:
        super().__init__(because)
        self.code = code
        self.wait = wait


class SlackDirectory:
    """Looks people up in one workspace."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._api = SlackApi(token, api_url)

    def id_of(self, email: str) -> str:
        """The member id of whoever has this e-mail; empty where nobody has, or the account is deactivated. Raises DirectoryError."""
        try:
            user = self._api.call("users.lookupByEmail", {"email": email}, Deadline.after(_SECONDS)).get("user", {})
        except SlackError as error:
            if error.code == _NOBODY:
                return ""
            raise DirectoryError(error.code, str(error), getattr(error.outcome, "retry_after", None)) from None
        return "" if user.get("deleted") or user.get("is_bot") else str(user.get("id", ""))
