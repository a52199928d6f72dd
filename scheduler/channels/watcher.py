"""The outside watcher: somebody else's service that calls people when it hears nothing
(healthchecks.io and the like).

Always holds: a ping takes no longer than its time; redirections are not followed, and nothing is
read but the answer's status; the address is a secret, of which only the host is ever shown.
"""

from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, build_opener

from scheduler.channels.redirects import FollowsNobody
from scheduler.system.bounded import OneAtATime

PING_SECONDS = 10.0


class OutsideWatcher:
    """Pings `url`, or `url` with `/fail` added to its path where something is wrong and nobody here
    can be told."""

    def __init__(self, url: str, seconds: float = PING_SECONDS) -> None:
        self._url = url
        self._seconds = seconds
        self._opener = build_opener(FollowsNobody)
        self._one = OneAtATime[None]("outside watcher")

    @property
    def host(self) -> str:
        """The only part of the address that may be shown."""
        return urlsplit(self._url).hostname or ""

    def ping(self, *, fail: bool) -> str:
        """Pings the address, or its failure address if `fail`; returns why that did not work, empty
        if it did."""
        address = _failing(self._url) if fail else self._url
        try:
            self._one.ask(lambda: self._get(address), self._seconds)
        except HTTPError as error:
            error.close()
            return f"{self.host} answers {error.code}"
        except TimeoutError:
            return f"{self.host} gives no answer within {self._seconds:g} seconds"
        except URLError as error:
            return f"{self.host} cannot be reached: {_why(error)}"
        # a broken answer, say a proxy's: the ping did not arrive; the error may hold the address
        except Exception as error:
            return f"{self.host} cannot be reached: {type(error).__name__}"
        return ""

    def _get(self, address: str) -> None:
        """Makes one request."""
        with self._opener.open(
            Request(address, headers={"User-Agent": "renewals"}), timeout=self._seconds
        ):
            pass


def _failing(url: str) -> str:
    """The address that says that something is wrong.

    >>> _failing("https://hc-ping.com/7f/?create=1")
    'https://hc-ping.com/7f/fail?create=1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))


def _why(error: URLError) -> str:
    """The reason without the address."""
    reason = error.reason
    return (
        reason.strerror or type(reason).__name__
        if isinstance(reason, OSError)
        else type(reason).__name__
    )
