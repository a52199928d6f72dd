"""What urllib is told about redirections: that nobody is followed."""

from http.client import HTTPMessage
from typing import IO
from urllib.request import HTTPRedirectHandler, Request

from typing_extensions import override


class FollowsNobody(HTTPRedirectHandler):
    """Follows no redirection: it would tell a secret to another host. urllib raises it as an
    error."""

    @override
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Nowhere."""
