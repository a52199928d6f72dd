"""Where templates run: they see plain data, a handful of filters, and nothing else; what they may cost is bounded.

Always holds: a template cannot reach an attribute of a value (only keys of mappings), a global or a file; a rendering that takes more than
`STEPS` steps or gives more than `MOST_CHARACTERS` characters is stopped; texts it builds on the way cannot grow beyond that either.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from threading import local
from typing import Any, cast

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

STEPS = 100_000
MOST_CHARACTERS = 1_000_000
LONGEST_SOURCE = 100_000
ROOT = "templates/messages/"

_TEXT_FILTERS = ("capitalize", "d", "default", "e", "escape", "lower", "trim", "truncate", "upper")
_NUMBER_FILTERS = ("abs", "count", "first", "int", "join", "last", "length", "round", "sum")
_TESTS = ("!=", "<", "<=", "==", ">", ">=", "defined", "equalto", "false", "in", "none", "number", "string", "true", "undefined")
_MAPPING_METHODS = ("items", "keys", "values")
_TEMPLATE_OBJECTS = (LoopContext, Macro, TemplateModule)


class TooMuchError(Exception):
    """A template that would take too long or give too much."""


class Sandbox(ImmutableSandboxedEnvironment):
    """One environment for one language and one form of output. Compiled templates are kept."""

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def __init__(self, sources: Mapping[str, str], filters: Mapping[str, Callable[..., Any]], *, escape: bool) -> None:
        super().__init__(
            loader=FunctionLoader(lambda name: _source(sources, name)),
            undefined=StrictUndefined,
            autoescape=escape,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            cache_size=-1,
            auto_reload=False,
        )
        self.globals.clear()
        builtin = {name: self.filters[name] for name in (*_TEXT_FILTERS, *_NUMBER_FILTERS)}
        self.filters = {**builtin, "_counted": self._counted, "_joined": self._joined, **filters}
        self.tests = {name: self.tests[name] for name in _TESTS}
        self._spent = local()

    def run(self, name: str, facts: Mapping[str, Any]) -> str:
        """The template's output. Raises whatever it raises; TooMuchError if it costs too much."""
        self._spent.steps = 0
        pieces, size = [], 0
        for piece in self.get_template(name).generate(dict(facts)):
            size += len(piece)
            if size > MOST_CHARACTERS:
                raise TooMuchError(f"gives more than {MOST_CHARACTERS:,} characters")
            pieces.append(piece)
        return "".join(pieces)

    def tick(self) -> None:
        """Counts one step."""
        self._spent.steps = getattr(self._spent, "steps", 0) + 1
        if self._spent.steps > STEPS:
            raise TooMuchError(f"takes more than {STEPS:,} steps")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only what the template language itself needs; a mapping's items."""
        if isinstance(obj, Mapping):
            return attr in _MAPPING_METHODS
        return isinstance(obj, _TEMPLATE_OBJECTS) and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """No `str.format` at all: a width in its pattern is enough to fill the memory."""

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        self.tick()
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers of sane size; texts are joined with ~."""
        if not all(isinstance(v, int | float) and abs(v) < 10**15 for v in (left, right)) or operator == "**":
            raise SecurityError(f"{operator} is for numbers; join texts with ~")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = super()._parse(source, name, filename)
        _Bound(self, name).visit(tree)
        return tree

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:
        self.tick()
        return super()._load_template(name, globals)

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """What a loop goes over, each turn a step."""
        for value in values:
            self.tick()
            yield value

    def _joined(self, values: Iterable[Any]) -> str:
        """The texts of `a ~ b`, bounded."""
        texts = [v if isinstance(v, str) else str(v) for v in values]
        if sum(map(len, texts)) > MOST_CHARACTERS:
            raise TooMuchError("builds too long a text")
        return (Markup() if any(isinstance(t, Markup) for t in texts) else "").join(texts)


class _Bound(NodeTransformer):
    """Rewrites a template so that loops count their turns and joined texts are bounded; refuses what cannot be bounded."""

    def __init__(self, environment: Sandbox, name: str | None) -> None:
        self._environment = environment
        self._name = name

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = self._filtered(cast(nodes.Expr, node.iter), "_counted", node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self._filtered(nodes.List(node.nodes, lineno=node.lineno), "_joined", node.lineno)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802
        raise TemplateSyntaxError("write {% set name = … %} instead of {% set name %}…{% endset %}", node.lineno, self._name, self._name)

    def _filtered(self, expression: nodes.Expr, name: str, lineno: int) -> nodes.Filter:
        made = nodes.Filter(expression, name, [], [], None, None, lineno=lineno)
        made.set_environment(self._environment)
        return made


def _source(sources: Mapping[str, str], name: str) -> tuple[str, str, None] | None:
    """A template's text and the path a person knows it by."""
    text = sources.get(name)
    if text is None:
        return None
    if len(text) > LONGEST_SOURCE:
        raise TooMuchError(f"{ROOT}{name} is longer than {LONGEST_SOURCE:,} characters")
    return text, ROOT + name, None
