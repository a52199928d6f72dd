"""Addresses of `[machine]`: where its pages are served and reached, where its state is served, and
which outside watcher is pinged."""

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
    """The address at which people reach pages, or nothing: http or https, a host, perhaps a path;
    no query. Raises ValueError."""
    if not text:
        return
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError for one that there cannot be
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
        or re.search(r"[\s<>\"]", text)
    ):
        raise ValueError(text)


def watcher_address(text: str) -> None:
    """The address that is pinged after a completed round, or none: https, or http on this machine.
    Raises ValueError."""
    if not text:
        return
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError for one that there cannot be
    here = is_this_machine(parts.hostname or "")
    fits = parts.scheme == "https" or (parts.scheme == "http" and here)
    if (
        not fits
        or not parts.hostname
        or parts.username
        or parts.fragment
        or re.search(r"[\s<>\"]", text)
    ):
        raise ValueError(text)


def shown_watcher(text: str) -> str:
    """The part of a watcher's address that may be shown: anybody who knows the rest can ping in
    this machine's name.

    >>> shown_watcher("https://hc-ping.com/7f3a"), shown_watcher("")
    ('https://hc-ping.com/…', '')
    """
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.hostname}/…" if text else ""


def is_this_machine(host: str) -> bool:
    """Whether a host in an address is this machine itself.

    >>> (is_this_machine("127.0.0.1"), is_this_machine("localhost"), is_this_machine("::1"),
    ...  is_this_machine("127.example.com"))
    (True, True, True, False)
    """
    return (
        host.lower() in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
    )
