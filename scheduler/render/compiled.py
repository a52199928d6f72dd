"""Compiled templates, shared by all environments of this process that would compile them alike:
each policy, each language and each form has an environment of its own.

Always holds: compiled code is used again only for the same text under the same name, with the same
filters and the same escaping, which is all that the compiler looks at. The last `MOST` are kept.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from jinja2.utils import LRUCache

MOST = 1_000
_COMPILED = LRUCache(MOST)


class CompiledTemplates(BytecodeCache):
    """Jinja2's cache for the environments with these filters and this escaping."""

    def __init__(self, filters: Mapping[str, Callable[..., Any]], *, escape: bool) -> None:
        self._alike = escape, frozenset(filters.items())

    def load_bytecode(self, bucket: Bucket) -> None:
        """Gives the bucket the code, if its template was compiled before."""
        bucket.code = _COMPILED.get((*self._alike, bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps the code that a template was compiled to."""
        if bucket.code is not None:
            _COMPILED[*self._alike, bucket.key, bucket.checksum] = bucket.code
