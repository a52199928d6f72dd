"""What every answer over HTTP carries, and how plain ones are made.

Always holds: nothing is kept by a cache, framed, read as something else, or names its address to
another site.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

PLAIN_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def plain(text: str, status: int = 200, more: Mapping[str, str] | None = None) -> Response:
    """A line of text."""
    return PlainTextResponse(text, status, {**PLAIN_HEADERS, **(more or {})})


def as_json(value: Any, status: int = 200) -> Response:
    """A value for machines."""
    return JSONResponse(value, status, dict(PLAIN_HEADERS))
