"""Addresses that stand for others: the domains kept for examples (RFC 2606), which nobody can have.
Mail to one of them reaches nobody."""

import re

_SAMPLE = re.compile(
    r"@(?:[\w.-]+\.)?(?:example\.(?:com|org|net)|example|invalid)>?\s*$", re.IGNORECASE
)


def is_sample(address: str) -> bool:
    """Whether an address (`email:…`, `Name <…>` or bare) is one of those.

    >>> samples = "email:cs@example.com", "Ann <ann@mail.example.org>", "x@y.invalid"
    >>> [is_sample(a) for a in samples]
    [True, True, True]
    >>> [is_sample(a) for a in ("ann@example.co.jp", "slack:#renewals")]
    [False, False]
    """
    return bool(_SAMPLE.search(address))
