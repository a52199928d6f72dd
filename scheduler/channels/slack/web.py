"""slack_sdk's client of the Web API, as it is used here: it never retries by itself (its default
client posts twice when a reply is lost), logs nothing (it would print a token), and follows no
redirection, which would hand the token to another host and turn a POST into a GET."""

import logging
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient
from typing_extensions import override

from scheduler.channels.redirects import FollowsNobody
from scheduler.core.config.addresses import is_this_machine

SLACK_API_URL = "https://slack.com/api/"
QUIET = logging.Logger("scheduler.slack", logging.CRITICAL + 1)  # noqa: LOG001  (of its own: no level or handler set elsewhere makes it print a token)


class StayingClient(WebClient):
    """A client that stays with the host it was given. `base_url` is the API's address; a server on
    this machine is reached without a proxy."""

    def __init__(self, token: str | None, api_url: str | None, timeout: int = 30) -> None:
        base = (api_url or SLACK_API_URL).rstrip("/") + "/"  # slack_sdk cuts off what has no slash
        super().__init__(token, base, timeout, retry_handlers=[], logger=QUIET)
        self.is_loopback = is_this_machine(urlsplit(base).hostname or "")
        if self.is_loopback:
            self.proxy = None
        proxies = {"http": self.proxy, "https": self.proxy} if self.proxy else {}
        self._opener = build_opener(
            ProxyHandler(proxies), HTTPSHandler(context=self.ssl), FollowsNobody()
        )

    @override
    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        with self._opener.open(req, timeout=self.timeout) as answer:
            body = answer.read().decode(answer.headers.get_content_charset() or "utf-8")
            return {"status": answer.status, "headers": answer.headers, "body": body}

    def within(self, seconds: int) -> "StayingClient":
        """A client of its own for one call: WebClient keeps the timeout as an attribute, and calls
        may run side by side."""
        client = StayingClient.__new__(StayingClient)
        client.__dict__.update(self.__dict__, timeout=seconds)
        return client
