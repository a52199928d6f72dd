"""What stands below the fields of a class in its source."""

import ast
from collections.abc import Mapping
from inspect import cleandoc, getsource
from itertools import pairwise


def field_docstrings(of: type) -> Mapping[str, str]:
    """The text below each annotated field of a class, without those it inherits."""
    (made,) = ast.parse(getsource(of)).body
    assert isinstance(made, ast.ClassDef)
    found = {}
    for field, text in pairwise(made.body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                found[name] = cleandoc(words)
    return found
