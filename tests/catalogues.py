"""The sentences that the code holds, and the catalogues of `scheduler/locale` that say them in
other languages.

`python -m tests.catalogues` makes every catalogue agree with the code: new sentences are added
without a translation, those that are gone are taken out, and each is compiled; with the code of a
language it begins that one's catalogue.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from scheduler.locale import DOMAIN, FOLDER
from tests.parsed import nodes

ROOT = FOLDER.parents[1]
SAYING = frozenset("Label text say tell heading paragraph".split())
"""What takes a sentence first, and its facts by name; so do the errors that have a label."""
_CALLED = SAYING | {"__init__"}
"""What may be called by a name that belongs to another."""
ANY = "**"
"""The facts of a sentence to which a mapping of them is given."""
NOT_FACTS = frozenset("many context passing beside to_type".split())
HEADER = "# What renewal-scheduler says, in another language: `python -m tests.catalogues`.\n#"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as the code holds it: its English, the English for more than one, what tells it
    apart, the names of its facts, the file, and whether an error is made of it."""

    english: str
    many: str
    context: str
    facts: frozenset[str]
    file: str
    refuses: bool = False

    @property
    def id(self) -> str | tuple[str, str]:
        """As a catalogue names it."""
        return (self.english, self.many) if self.many else self.english


@cache
def errors() -> Mapping[str, bool]:
    """The errors that have a label, every class below `LabelledError`; and whether one is made of
    its sentence, or puts it together itself."""
    kinds = {
        node.name: node
        for file in (ROOT / "scheduler").rglob("*.py")
        for node in nodes(file.read_text("utf-8"))
        if isinstance(node, ast.ClassDef)
    }
    found = {"LabelledError"}
    while more := {n for n, kind in kinds.items() if _bases(kind) & found} - found:
        found |= more
    return {name: _is_made_of_a_sentence(kinds[name]) for name in found}


def _bases(kind: ast.ClassDef) -> set[str]:
    return {ast.unparse(base) for base in kind.bases}


def _is_made_of_a_sentence(error: ast.ClassDef) -> bool:
    """A sentence is the one parameter that has no name for whoever calls."""
    made = [f for f in error.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
    return not made or len(made[0].args.posonlyargs) > 1


@cache
def sentences() -> tuple[Sentence, ...]:
    """Every sentence of the program, in the order of its files."""
    return tuple(
        one
        for file in sorted((ROOT / "scheduler").rglob("*.py"))
        for one in said_in(file.read_text("utf-8"), file.relative_to(ROOT).as_posix())
    )


def said_in(source: str, file: str) -> Iterator[Sentence]:
    """The sentences in a module's text."""
    inherited = {
        id(call)
        for kind in nodes(source)
        if isinstance(kind, ast.ClassDef) and _bases(kind) & errors().keys()
        for call in ast.walk(kind)
        if isinstance(call, ast.Call) and _named(call.func) == "super().__init__"
    }
    for call in nodes(source):
        if (
            isinstance(call, ast.Call)
            and call.args
            and (id(call) in inherited or _takes_a_sentence(call.func, file))
        ):
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                given = {k.arg: k.value for k in call.keywords if k.arg}
                yield Sentence(
                    first.value,
                    _literal(given.get("many")),
                    _literal(given.get("context")),
                    frozenset(k.arg or ANY for k in call.keywords) - NOT_FACTS,
                    file,
                    id(call) in inherited or errors().get(_named(call.func), False),
                )


def _takes_a_sentence(function: ast.expr, file: str) -> bool:
    """`text` is ours only in the commands: elsewhere it is SQLAlchemy's."""
    name = _named(function).removeprefix("say.")
    if name == "Label":
        return True
    return errors().get(name, False) or (name in SAYING and file.startswith("scheduler/cli/"))


def _named(function: ast.expr) -> str:
    """What is called, as it is written; empty where nothing is said by such a name."""
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name | ast.Call):
        return ast.unparse(function) if function.attr in _CALLED else ""
    return ""


def _literal(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def placeholders(text: str) -> frozenset[str]:
    """The names of the facts that stand in a sentence."""
    plain = text.replace("{{", "").replace("}}", "")
    return frozenset(re.findall(r"\{(\w+)[^{}]*\}", plain))


def template() -> Catalog:
    """A catalogue of all sentences, none of them translated."""
    made = Catalog(domain=DOMAIN)
    for one in sentences():
        made.add(one.id, locations=[(one.file, 0)], context=one.context or None)
    return made


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(file.parents[1].name for file in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def path_of(language: str) -> Path:
    """A language's catalogue."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """A language's catalogue as it lies there."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def written(catalogue: Catalog) -> bytes:
    """A catalogue as a file: in the order of its sentences, without what changes by itself."""
    made = io.BytesIO()
    write_po(
        made,
        catalogue,
        width=100,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
        omit_header=False,
    )
    return made.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as the program reads it."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def brought_up_to_date(language: str) -> Catalog:
    """A language's catalogue with exactly the sentences of the code."""
    old = read(language)
    fresh = Catalog(
        locale=language,
        domain=DOMAIN,
        header_comment=HEADER,
        fuzzy=False,
        creation_date=old.creation_date,
        revision_date=old.revision_date,
    )
    for message in template():
        if not message.id:
            continue
        found = old.get(message.id, message.context)
        words = [found.string] if found is not None and isinstance(found.string, str) else []
        if found is not None and not isinstance(found.string, str):
            words = [str(one) for one in found.string or ()]
        fresh.add(
            message.id,
            tuple(words or [""]) if isinstance(message.id, tuple) else "".join(words[:1]),
            message.locations,
            context=message.context,
        )
    return fresh


def main(new: Sequence[str]) -> None:
    """Bring every catalogue up to date, begin those of `new` languages, and say what lacks a
    translation."""
    for language in new:
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(written(Catalog(locale=language, domain=DOMAIN, fuzzy=False)))
    for language in languages():
        catalogue = brought_up_to_date(language)
        missing = [m for m in catalogue if m.id and not any(m.string or ())]
        path = path_of(language)
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        print(f"{language}: {len(catalogue)} sentences, {len(missing)} without a translation")
        for one in missing:
            print(f"  {one.id!r} {one.context or ''}")


if __name__ == "__main__":
    main(sys.argv[1:])
