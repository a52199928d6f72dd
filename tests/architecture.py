"""The arrows of the program as tables, and what a module's source text does against them.

`violations(module, source)` reads the text with `ast`: imports anywhere count, also inside
functions and under TYPE_CHECKING.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.parsed import nodes, parsed

MAY_IMPORT: Mapping[str, set[str]] = {
    "locale": set(),
    "core": {"locale"},
    "ports": {"core"},
    "system": {"core"},
    "services": {"core", "ports", "system.bounded"},
    "storage": {"core", "ports", "services", "system.private_files"},
    "channels": {"core", "ports", "system.bounded"},
    "hubspot": {"core", "ports", "system.bounded"},
    "sources": {"core", "ports", "system.private_files"},
    "render": {"core", "ports"},
    "charts": {"core"},
    "inbound": {"core", "ports", "services"},
    "app": {
        "core",
        "ports",
        "system",
        "services",
        "storage",
        "channels",
        "hubspot",
        "sources",
        "render",
        "charts",
        "inbound",
    },
    "daemon": {"core", "ports", "system", "services", "inbound", "app"},
    "cli": {
        "core",
        "ports",
        "system",
        "services",
        "sources",
        "charts",
        "inbound",
        "app",
        "daemon",
    },
    "__main__": {"cli"},
    "__init__": set(),
}
"""Which part may import which, or which module of one. Only `app` and the commands see the
whole."""

INNER: Mapping[str, tuple[str, ...]] = {
    "core": (
        "words",
        "time",
        "health",
        "deal",
        "imports",
        "policy",
        "messages",
        "rules",
        "answers",
        "facts",
        "reports",
        "sync",
        "machine",
        "config",
        "stories",
    ),
    "services": (
        "people",
        "policy",
        "imports",
        "signals",
        "reports",
        "delivery",
        "digests",
        "deals",
        "answers",
        "sync",
        "audit",
    ),
    "storage": (
        "database",
        "people",
        "signals",
        "delivery",
        "policy",
        "digests",
        "reports",
        "imports",
        "deals",
        "answers",
        "sync",
        "audit",
    ),
}
"""The packages of a part, each above those before it: a package imports none that comes after
it."""

HOME: Mapping[str, tuple[str, ...]] = {
    "alembic": ("storage.database",),
    "psycopg": ("storage",),
    "sqlalchemy": ("storage",),
    "sqlite3": ("storage",),
    "sqlmodel": ("storage",),
    "slack_sdk": ("channels.slack", "inbound"),
    "smtplib": ("channels",),
    "email_validator": ("channels",),
    "css_inline": ("render", "channels.email"),
    "httpx": ("hubspot",),
    "jinja2": ("render",),
    "markupsafe": ("render",),
    "holidays": ("sources",),
    "matplotlib": ("charts",),
    "apscheduler": ("daemon.ticker",),
    "structlog": ("system.logs",),
    "prometheus_client": ("inbound.web",),
    "starlette": ("inbound.web",),
    "uvicorn": ("inbound.web",),
    "itsdangerous": ("inbound",),
    "icalendar": ("inbound",),
    "rich": ("cli",),
    "typer": ("cli",),
    "xlsxwriter": ("cli",),
    "pydantic": ("core.config",),
    "pydantic_core": ("core.config",),
}
"""The only parts that may import a package."""

FOR_ANNOTATIONS = {
    ("app.folder", "sqlalchemy"),
    ("app.stores", "sqlalchemy"),
    ("app.story_world", "sqlalchemy"),
}
"""Imports allowed outside their home, but only under TYPE_CHECKING."""

PURE = frozenset(
    "bisect calendar collections dataclasses datetime decimal difflib enum fractions functools "
    "graphlib hashlib heapq itertools json math operator "
    "re shlex statistics string tomllib types typing unicodedata urllib.parse uuid zoneinfo".split()
)
"""The standard library's modules that core may use: none of them looks at the world (a `uuid` may
only be one made from a name)."""

CLOCKS = frozenset(
    (
        "datetime.now datetime.utcnow datetime.today date.today time.time time.time_ns time.gmtime "
        "time.localtime"
    ).split()
)
MAY_READ_THE_CLOCK = ("system.clock", "daemon.ticker", "channels.slack.send")
"""The clock itself; APScheduler's first tick; and the look-up, which in a rehearsal asks a history
that is dated by the real time."""

CHANCE = frozenset("uuid.uuid1 uuid.uuid4 uuid1 uuid4 os.urandom urandom".split())
OPENING = frozenset(
    (
        "open create_engine open_engine connect create_connection urlopen socket SMTP WebClient "
        "Popen getenv"
    ).split()
)
READING = frozenset(
    (
        "open read_text read_bytes write_text write_bytes mkdir connect iterdir glob rglob exists "
        "stat"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, with the names taken from it."""

    line: int
    module: str
    names: tuple[str, ...]
    only_typing: bool


def violations(module: str, source: str) -> list[str]:
    """What the text of `module` (`scheduler.core.time.dates`, `scheduler.cli.__init__`) does that
    it may not, each with its line."""
    tree = parsed(source)
    part = module.removeprefix("scheduler.")
    found = [*_docstring(tree), *_arrows(part, tree)]
    origins = _origins(source)
    found += [*_calls(part, source, origins), *_at_import(tree, origins)]
    return [f"{module}:{line} {text}" for line, text in sorted(found)]


def imports(tree: ast.AST, only_typing: bool = False) -> Iterator[Import]:
    """Every import below a node."""
    for node in ast.iter_child_nodes(tree):
        typing_here = only_typing or (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Name | ast.Attribute)
            and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        )
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, name.name, (), typing_here) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(node, typing_here)
        else:
            yield from imports(node, typing_here)


def _from(node: ast.ImportFrom, only_typing: bool) -> Iterator[Import]:
    """`from scheduler import wiring` imports a part, `from . import x` has no full name."""
    module, names = "." * node.level + (node.module or ""), tuple(name.name for name in node.names)
    parts = [name for name in names if name in MAY_IMPORT] if module == "scheduler" else []
    if parts:
        yield from (Import(node.lineno, f"scheduler.{name}", (), only_typing) for name in parts)
    else:
        yield Import(node.lineno, module, names, only_typing)


def _docstring(tree: ast.Module) -> Iterator[tuple[int, str]]:
    if not ast.get_docstring(tree):
        yield 1, "has no docstring"


def _arrows(part: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    layer = part.split(".", maxsplit=1)[0]
    if layer not in MAY_IMPORT:
        yield 1, f"{layer} has no place in the arrows: give it one in tests/architecture.py"
        return
    for found in imports(tree):
        text = _refusal(part, layer, found)
        if text:
            yield found.line, text


def _refusal(part: str, layer: str, found: Import) -> str | None:
    """Why an import is not allowed."""
    if found.module.startswith("."):
        return "imports relatively: write the full name"
    if found.module == "scheduler" or found.module.startswith("scheduler."):
        return _within(part, layer, found)
    if found.module.split(".")[0] in ("tests", "benchmarks"):
        return f"imports {found.module}, which does not come with the program"
    home = HOME.get(found.module.split(".")[0])
    if home is not None:
        allowed = _lives_in(part, home) or (
            found.only_typing and (part, found.module.split(".")[0]) in FOR_ANNOTATIONS
        )
        return None if allowed else f"imports {found.module}, which belongs to {' and '.join(home)}"
    if layer == "core" and not _pure(found):
        return f"imports {found.module}, which is not pure"
    return None


def _within(part: str, layer: str, found: Import) -> str | None:
    """Why a part of the program may not import another."""
    inner = found.module.removeprefix("scheduler.").removeprefix("scheduler") or "__init__"
    target = inner.split(".")[0]
    if target == "__init__":
        return None
    if target == layer:
        return _below(part, inner)
    if not _lives_in(inner, MAY_IMPORT[layer]):
        return (
            f"imports {found.module}: {layer} may import "
            f"{', '.join(sorted(MAY_IMPORT[layer])) or 'nothing'}"
        )
    functions = [name for name in found.names if not name[0].isupper()]
    if layer == "storage" and target == "services" and (functions or not found.names):
        return (
            f"imports {', '.join(functions) or found.module} from {found.module}: storage takes "
            "only values and protocols from services"
        )
    return None


def _below(part: str, inner: str) -> str | None:
    """Why a package may not import another of its own part."""
    layer, *here = part.split(".")
    there, order = inner.split(".")[1:2], INNER.get(layer)
    if order is None or not there or here[:1] in ([], ["__init__"]):
        return None
    if here[0] not in order:
        return (
            f"{layer}.{here[0]} has no place among its packages: give it one in "
            "tests/architecture.py"
        )
    if there[0] not in order[: order.index(here[0]) + 1]:
        return f"imports scheduler.{inner}: {layer}.{there[0]} stands above {layer}.{here[0]}"
    return None


def _pure(found: Import) -> bool:
    """Whether core may import it."""
    return (
        found.module in PURE
        or found.module == "collections.abc"
        or (found.module == "urllib" and found.names == ("parse",))
    )


def _lives_in(part: str, homes: Iterable[str]) -> bool:
    return any(part == home or part.startswith(f"{home}.") for home in homes)


def _calls(part: str, source: str, origins: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Clock, chance, printing and imports by name, wherever they stand."""
    layer = part.split(".", maxsplit=1)[0]
    for node in nodes(source):
        if not isinstance(node, ast.Call):
            continue
        called = _called(node.func, origins)
        last_two = ".".join(called.split(".")[-2:])
        if last_two in CLOCKS and part not in MAY_READ_THE_CLOCK:
            yield node.lineno, f"reads the clock ({called})"
        if layer == "core" and last_two in CHANCE:
            yield node.lineno, f"leaves it to chance ({called})"
        if layer == "core" and called in ("open", "input"):
            yield node.lineno, f"looks at the world ({called})"
        if layer != "cli" and (
            called in ("print", "pprint.pprint") or called.startswith("sys.stdout.")
        ):
            yield node.lineno, "prints, which is the commands' business"
        if layer != "cli" and called in ("importlib.import_module", "__import__"):
            yield node.lineno, "imports by a name that this test cannot follow"


def _origins(source: str) -> dict[str, str]:
    """What each imported name stands for: {"now_of": "datetime.datetime"}."""
    origins: dict[str, str] = {}
    for node in nodes(source):
        if isinstance(node, ast.Import):
            origins |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom):
            origins |= {
                name.asname or name.name: f"{node.module}.{name.name}" for name in node.names
            }
    return origins


def _called(function: ast.expr, origins: Mapping[str, str]) -> str:
    """The dotted name of what is called, imports resolved."""
    attributes: list[str] = []
    while isinstance(function, ast.Attribute):
        attributes.append(function.attr)
        function = function.value
    first = origins.get(function.id, function.id) if isinstance(function, ast.Name) else "…"
    return ".".join([first, *reversed(attributes)])


def _at_import(tree: ast.Module, origins: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Calls that connect or touch files while the module is being imported."""
    for node in _run_at_import(tree):
        if isinstance(node, ast.Call):
            called = _called(node.func, origins)
            last = called.rpartition(".")[2]
            if (
                last in OPENING
                or ("." in called and last in READING)
                or called in ("os.environ.get", "os.listdir")
            ):
                yield (
                    node.lineno,
                    f"connects, or looks at the machine, while being imported ({called})",
                )
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("environ", "os.environ"):
            yield node.lineno, "reads the environment while being imported"


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for early in (
                *child.decorator_list,
                *child.args.defaults,
                *(d for d in child.args.kw_defaults if d),
            ):
                yield from (early, *_run_at_import(early))
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "__name__ == '__main__'":
            continue
        elif not isinstance(child, ast.Lambda):
            yield from (child, *_run_at_import(child))
