"""The texts of modules as trees, for tests that look at how the program is written: each text is
parsed once in a process."""

import ast
from functools import lru_cache


@lru_cache(1000)
def parsed(source: str) -> ast.Module:
    """The tree of a module's text, for all who ask: nobody may change it."""
    return ast.parse(source)


@lru_cache(1000)
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Everything that stands in a module's text, in the order of `ast.walk`."""
    return tuple(ast.walk(parsed(source)))
