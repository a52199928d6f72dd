"""Where templates run: they see plain data, a handful of filters, and nothing else; what they may
cost is bounded.

Always holds: a template cannot reach an attribute of a value (only keys of mappings), a global or a
file; a rendering that takes more than `STEPS` steps, handles more than `MOST_HANDLED` characters or
gives more than `MOST_CHARACTERS` of them is stopped. Whatever a template builds or looks at is
charged by its size *before* that is done: list and mapping literals, joined texts, filters,
comparisons, slices, calls, output, and the turns of a loop with the text they repeat. So neither
time nor memory can grow beyond a multiple of the limits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import wraps
from threading import local
from typing import Any, Literal, cast

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.filters import do_round
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from scheduler.render.compiled import CompiledTemplates

STEPS = 100_000
MOST_CHARACTERS = 1_000_000
MOST_HANDLED = 10_000_000
"""Characters that one rendering may look at or build, over all its steps."""
_EACH = 32
"""What a part of a list or mapping counts for besides its own characters: looking at one takes as
long as copying so many characters."""
LONGEST_SOURCE = 100_000
_MOST_DIGITS = 15
ROOT = "templates/messages/"

_TEXT_FILTERS = ("capitalize", "d", "default", "e", "escape", "lower", "trim", "truncate", "upper")
_NUMBER_FILTERS = ("abs", "count", "first", "int", "join", "last", "length", "round", "sum")
_PASSED_THROUGH = ("count", "d", "default", "first", "last", "length")
"""Filters that look at nothing but the outside of what they are given."""
_TESTS = (
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "defined",
    "equalto",
    "false",
    "in",
    "none",
    "number",
    "string",
    "true",
    "undefined",
)
_TEXTS = frozenset((str, Markup))
_SMALL = frozenset((int, float, bool, type(None), StrictUndefined))
_MAPPING_METHODS = ("items", "keys", "values")
_TEMPLATE_OBJECTS = (LoopContext, Macro, TemplateModule)


class TooMuchError(Exception):
    """A template that would take too long or give too much."""


class Sandbox(ImmutableSandboxedEnvironment):
    """One environment for one language and one form of output. Compiled templates are kept, for
    others that are like it too."""

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def __init__(
        self, sources: Mapping[str, str], filters: Mapping[str, Callable[..., Any]], *, escape: bool
    ) -> None:
        super().__init__(
            loader=FunctionLoader(lambda name: _source(sources, name)),
            undefined=StrictUndefined,
            autoescape=escape,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            cache_size=-1,
            auto_reload=False,
            bytecode_cache=CompiledTemplates(filters, escape=escape),
        )
        self.globals.clear()
        builtin = {name: self.filters[name] for name in (*_TEXT_FILTERS, *_NUMBER_FILTERS)}
        known = {**builtin, "join": _join, "round": _round, "sum": _sum, **filters}
        ours = {"_counted": self._counted, "_joined": self._joined, "_charged": self._charged}
        self.filters = {name: self._metered(name, filter) for name, filter in known.items()} | ours
        self.tests = {name: self.tests[name] for name in _TESTS}
        self._spent = local()
        self.finalize = self._charged

    def run(self, name: str, facts: Mapping[str, Any]) -> str:
        """The template's output. Raises whatever it raises; TooMuchError if it costs too much."""
        self._spent.steps = self._spent.handled = 0
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

    def charge(self, *values: Any) -> None:
        """Counts the size of what is about to be looked at or built."""
        spent = self._spent.__dict__
        handled = spent.get("handled", 0)
        for value in values:
            if type(value) in _TEXTS:
                handled += len(value)
            elif type(value) in _SMALL:
                handled += 1
            else:
                handled = _size(value, handled)
        spent["handled"] = _within(handled)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only what the template language itself needs; a mapping's items."""
        if isinstance(obj, Mapping):
            return attr in _MAPPING_METHODS
        return isinstance(obj, _TEMPLATE_OBJECTS) and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """No `str.format` at all: a width in its pattern is enough to fill the memory."""

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        self.tick()
        if not isinstance(obj, Macro):
            self.charge(*args, *kwargs.values())
        said = super().call(context, obj, *args, **kwargs)
        self.charge(said)
        return said

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers of sane size; texts are joined with ~."""
        if (
            not all(isinstance(v, int | float) and abs(v) < 10**15 for v in (left, right))
            or operator == "**"
        ):
            raise SecurityError(f"{operator} is for numbers; join texts with ~")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = super()._parse(source, name, filename)
        _Bound(self, name).visit(tree)
        return tree

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:
        self.tick()
        return super()._load_template(name, globals)

    def _counted(self, values: Iterable[Any], repeated: int) -> Iterator[Any]:
        """What a loop goes over: each turn a step, and the `repeated` characters of text that stand
        inside it."""
        for value in values:
            self.tick()
            self._spent.handled = _within(getattr(self._spent, "handled", 0) + repeated)
            yield value

    def _charged(self, value: Any) -> Any:
        """A value that a template has built or is about to compare or write."""
        spent = self._spent.__dict__
        handled = spent.get("handled", 0)
        if type(value) in _TEXTS:
            handled += len(value)
        elif type(value) in _SMALL:
            handled += 1
        else:
            handled = _size(value, handled)
        if handled > MOST_HANDLED:
            raise _handled_too_much()
        spent["handled"] = handled
        return value

    def _metered(self, name: str, filter: Callable[..., Any]) -> Callable[..., Any]:
        """The filter, charged for what it is given."""
        given = 1 if getattr(filter, "jinja_pass_arg", None) is not None else 0

        @wraps(filter)
        def metered(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            self.charge(*args[given:], *kwargs.values())
            return filter(*args, **kwargs)

        return filter if name in _PASSED_THROUGH else metered

    def _joined(self, values: Iterable[Any]) -> str:
        """The texts of `a ~ b`, bounded."""
        parts = list(values)
        self.charge(parts)
        texts = [v if isinstance(v, str) else str(v) for v in parts]
        return (Markup() if any(isinstance(t, Markup) for t in texts) else "").join(texts)


def _join(values: Iterable[Any], d: str = "", attribute: None = None) -> str:
    """`join` of texts and numbers; the separator counts as often as it stands in the outcome."""
    parts = list(values)
    if attribute is not None or any(isinstance(v, list | tuple | Mapping) for v in parts):
        raise SecurityError("join is for texts and numbers")
    texts = [v if isinstance(v, str) else str(v) for v in parts]
    if sum(map(len, texts)) + len(str(d)) * len(texts) > MOST_CHARACTERS:
        raise TooMuchError("builds too long a text")
    escaped = any(isinstance(t, Markup) for t in (*texts, d))
    return (Markup.escape(d) if escaped else str(d)).join(texts)


def _sum(values: Iterable[Any], attribute: None = None, start: Any = 0) -> Any:
    """`sum` of numbers: summing lists would copy them again and again."""
    numbers = [start, *values]
    if attribute is not None or not all(isinstance(v, int | float) for v in numbers):
        raise SecurityError("sum is for numbers")
    return sum(numbers)


def _round(
    value: Any, precision: int = 0, method: Literal["common", "ceil", "floor"] = "common"
) -> Any:
    """`round` to as many digits as a number has: the filter makes a power of ten of them first."""
    if not isinstance(precision, int) or abs(precision) > _MOST_DIGITS:
        raise SecurityError(f"round is for at most {_MOST_DIGITS} digits")
    return do_round(value, precision, method)


def _size(value: Any, handled: int) -> int:
    """`handled` plus the size of a value and of all that it holds. Raises TooMuchError as soon as
    it is too much."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            handled = _within(handled + len(part))
        elif isinstance(part, Mapping):
            handled = _within(handled + _EACH * len(part))
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            handled = _within(handled + _EACH * len(part))
            waiting.extend(part)
        else:
            handled = _within(handled + 1)
    return handled


def _within(handled: int) -> int:
    """The sum so far. Raises TooMuchError above the limit."""
    if handled > MOST_HANDLED:
        raise _handled_too_much()
    return handled


def _handled_too_much() -> TooMuchError:
    """What is said of a template that looks at too much or builds too much."""
    return TooMuchError(f"handles more than {MOST_HANDLED:,} characters")


class _Bound(NodeTransformer):
    """Rewrites a template so that loops count their turns and joined texts are bounded; refuses
    what cannot be bounded."""

    def __init__(self, environment: Sandbox, name: str | None) -> None:
        self._environment = environment
        self._name = name

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        repeated = sum(len(text.data) for text in node.find_all(nodes.TemplateData))
        self.generic_visit(node)
        node.iter = self._filtered(
            cast(nodes.Expr, node.iter),
            "_counted",
            node.lineno,
            nodes.Const(repeated, lineno=node.lineno),
        )
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self._filtered(node, "_charged", node.lineno)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self._filtered(node, "_charged", node.lineno)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return node if node.ctx != "load" else self._filtered(node, "_charged", node.lineno)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = self._charged_unless_constant(node.expr)
        for operand in node.ops:
            operand.expr = self._charged_unless_constant(operand.expr)
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if node.name not in ("defined", "undefined"):
            node.node = self._filtered(node.node, "_charged", node.lineno)
            node.args = [self._charged_unless_constant(argument) for argument in node.args]
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return (
            self._filtered(node, "_charged", node.lineno)
            if isinstance(node.arg, nodes.Slice)
            else node
        )

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self._filtered(nodes.List(node.nodes, lineno=node.lineno), "_joined", node.lineno)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802
        raise TemplateSyntaxError(
            "write {% set name = … %} instead of {% set name %}…{% endset %}",
            node.lineno,
            self._name,
            self._name,
        )

    def _charged_unless_constant(self, expression: nodes.Expr) -> nodes.Expr:
        return (
            expression
            if isinstance(expression, nodes.Const)
            else self._filtered(expression, "_charged", expression.lineno)
        )

    def _filtered(
        self, expression: nodes.Expr, name: str, lineno: int, *args: nodes.Expr
    ) -> nodes.Filter:
        made = nodes.Filter(expression, name, list(args), [], None, None, lineno=lineno)
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
