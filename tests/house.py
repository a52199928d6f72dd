"""What the house looks like in figures: `python -m tests.house [ROOT]`.

ROOT is a working tree (this one, if none is given), so that an older state can be measured with
the same rule. Lines are counted as they stand; an older state is brought to the present width
first with `ruff format --line-length 100`.
"""

import ast
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.parsed import nodes, parsed

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
LEAST = 25
"""A docstring that is shorter may stand twice: there is only one way to say it."""


@dataclass(frozen=True, slots=True)
class House:
    """Every module of a program by its dotted name (without the program's own), read."""

    sources: Mapping[str, str]
    trees: Mapping[str, ast.Module]

    @classmethod
    def at(cls, root: Path) -> "House":
        """The program under `root`."""
        package = root / "scheduler"
        sources = {
            ".".join(path.relative_to(package).with_suffix("").parts): path.read_text("utf-8")
            for path in sorted(package.rglob("*.py"))
        }
        return cls(sources, {name: parsed(text) for name, text in sources.items()})

    def nodes(self) -> Iterator[tuple[str, ast.AST]]:
        """Everything that stands in a module, with the module's name."""
        for name, source in self.sources.items():
            for node in nodes(source):
                yield name, node

    def class_names(self) -> dict[str, list[str]]:
        """In which modules a public class of this name is."""
        found = defaultdict(list)
        for name, node in self.nodes():
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(name)
        return found

    def docstrings(self) -> dict[str, list[str]]:
        """Where each docstring of a class or function stands, without the short ones."""
        found = defaultdict(list)
        for name, node in self.nodes():
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                said = ast.get_docstring(node)
                if said and len(said) > LEAST:
                    found[" ".join(said.split())].append(f"{name}.{node.name}")
        return found

    def functions(self) -> list[int]:
        """How long the functions are, in lines."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return sorted(
            (node.end_lineno or node.lineno) - node.lineno + 1
            for _, node in self.nodes()
            if isinstance(node, kinds)
        )

    def protocols(self) -> list[ast.ClassDef]:
        """The classes that only say what somebody else has to have."""
        return [
            node
            for _, node in self.nodes()
            if isinstance(node, ast.ClassDef)
            and any(isinstance(b, ast.Name) and b.id == "Protocol" for b in node.bases)
        ]

    def arrows(self, place: Callable[[str], str]) -> set[tuple[str, str]]:
        """Which place imports from which other; `place` says where a module is."""
        pairs = {(place(name), place(target)) for name, target in self._imports()}
        return {(here, there) for here, there in pairs if here != there}

    def file_arrows(self, part: str) -> set[tuple[str, str]]:
        """Which module of a part imports from which other of it."""
        return {
            (name, target)
            for name, target in self._imports()
            if name.startswith(f"{part}.") and target.startswith(f"{part}.") and name != target
        }

    def circle(self) -> list[str]:
        """Modules that import each other in a circle, the first one again at the end; empty where
        there is none. An import in a function or under TYPE_CHECKING counts: who reads the one
        has to know the other."""
        below = defaultdict(set)
        for name, target in self._imports():
            if target in self.sources and target != name:
                below[name].add(target)
        try:
            TopologicalSorter(below).prepare()
        except CycleError as error:
            return list(error.args[1])
        return []

    def _imports(self) -> Iterator[tuple[str, str]]:
        for name, node in self.nodes():
            for full in _named(node):
                if full.startswith("scheduler."):
                    yield name, self._module(full.removeprefix("scheduler."))

    def _module(self, target: str) -> str:
        """The module that is imported, or that holds the name that is; `__init__` for the
        program's own."""
        above = target.rpartition(".")[0]
        places = (target, f"{target}.__init__", above, f"{above}.__init__")
        return next((name for name in places if name in self.sources), "__init__")


def _named(node: ast.AST) -> list[str]:
    """What an import names, in full: modules, or what is in them."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def _part(module: str) -> str:
    """The part a module belongs to; a module at the top is a part of its own."""
    return module.split(".", maxsplit=1)[0]


def _package(module: str) -> str:
    """The package a module is in; a module at the top is one of its own."""
    parts = module.removesuffix(".__init__").split(".")
    return parts[0] if len(parts) < 3 else ".".join(parts[:2])


def _rows(house: House) -> Iterator[tuple[str, object]]:
    """Each figure with its name."""
    lines = {name: text.count("\n") for name, text in house.sources.items()}
    floors = Counter(name.rpartition(".")[0] for name in house.sources if "__init__" not in name)
    floor, files = floors.most_common(1)[0]
    lengths, protocols = house.functions(), house.protocols()
    yield "modules", len(lines)
    yield "lines", sum(lines.values())
    yield "modules over 500 lines", sum(n > 500 for n in lines.values())
    yield "parts", len({_part(name) for name in house.sources})
    yield "arrows between parts", len(house.arrows(_part))
    yield "packages", len({_package(name) for name in house.sources})
    yield "arrows between packages", len(house.arrows(_package))
    yield "arrows between files of core", len(house.file_arrows("core"))
    yield "modules loose at the top", floors[""]
    yield "most files on one floor", f"{files} ({floor or 'the top'})"
    yield "functions", len(lengths)
    yield "lines of a function, median", statistics.median(lengths)
    yield "lines of a function, nine in ten", lengths[len(lengths) * 9 // 10]
    yield "functions over 80 lines", sum(n > 80 for n in lengths)
    yield "class names used twice", sum(len(at) > 1 for at in house.class_names().values())
    yield "copies of a docstring", sum(len(at) - 1 for at in house.docstrings().values())
    yield "Protocols", len(protocols)
    yield "lines of Protocols", sum((p.end_lineno or 0) - p.lineno + 1 for p in protocols)
    yield (
        "methods of Protocols",
        sum(isinstance(node, ast.FunctionDef) for p in protocols for node in p.body),
    )
    yield (
        "modules with Japanese (typed, read)",
        sum(bool(JAPANESE.search(text)) for text in house.sources.values()),
    )


def main() -> None:
    """Prints the figures of a working tree."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    for name, value in _rows(House.at(root)):
        print(f"{name:36}{value:>12}")


if __name__ == "__main__":
    main()
