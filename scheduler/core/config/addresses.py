"""Where this machine's pages are reached and served: `[machine] base_url` and `listen`."""

import re
from urllib.parse import urlsplit

_LISTEN = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})")


def host_and_port(text: str) -> tuple[str, int]:
    """`127.0.0.1:8787`, `[::1]:8787`, `localhost:0`. Raises ValueError.

    >>> host_and_port("[::1]:8787")
    ('::1', 8787)
    """
    match = _LISTEN.fullmatch(text.strip())
    if match is None or int(match[3]) > 65535:
        raise ValueError(text)
    return match[1] or match[2], int(match[3])


def listen_address(text: str) -> None:
    """An address to listen on, or nothing. Raises ValueError."""
    if text:
        host_and_port(text)


def public_address(text: str) -> None:
    """The address people reach pages at, or nothing: http or https, a host, perhaps a path; no query. Raises ValueError."""
    if not text:
        return
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username or re.search(r"[\s<>\"]", text):
        raise ValueError(text)
