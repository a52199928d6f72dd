"""`renewals config show`: every setting that is in effect, as lines of `path = value`, with
`--origin` where each comes from.

Always holds: no secret is printed; of a variable of the environment only its name and whether it is
set.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.app.working_folder import CONFIG, TEMPLATES
from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, label, tell, text
from scheduler.cli.terminal.tables import cells, pad
from scheduler.core.config.toml.values import printable, toml_value
from scheduler.core.words.labels import Label
from scheduler.services.policy.effective_settings import EffectiveSetting, Files, effective_settings
from scheduler.services.policy.versions import in_force
from scheduler.system.environment import found_in

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.services.policy.versions import AppliedVersion

_PLACES = {
    "environment": Label("environment"),
    "credential": Label("credential"),
}
_SET, _NOT_SET = Label("set"), Label("not set")


def show(
    here: CommandContext,
    *,
    origin: Annotated[
        bool,
        typer.Option("--origin", help=text("show where each setting comes from")),
    ] = False,
) -> None:
    """The policy in force and this machine's settings; without a database, what config.toml
    says."""
    with _opened(here) as (app, version):
        files = Files(CONFIG, _checked(app), app.working_folder.templates(), TEMPLATES.as_posix())
        settings = effective_settings(files, version)
    outside = found_in(here.folder, here.env)
    if here.json:
        as_json([*(_plain(s) for s in settings), *_plain_outside(outside)])
        return
    lines = [(label(s.origin), f"{printable(s.path)} = {_value(s)}") for s in settings]
    lines += [
        (label(_place(name)), f"{variable} = {label(_SET if name else _NOT_SET)}")
        for variable, name in outside.items()
    ]
    _print(lines, origin=origin)


@contextmanager
def _opened(here: CommandContext) -> "Iterator[tuple[App, AppliedVersion | None]]":
    """The program on this folder, with the version in force; None, and a word on it, where there is
    no policy in the database yet."""
    from scheduler.app.ready import prepare_to_read
    from scheduler.app.wiring import App

    app = App(here.folder, here.language, None, here.env)
    try:
        app.working_folder.text()
        if not app.versions.there_is_one():
            tell("there is no policy in a database yet; this is what config.toml says")
            yield app, None
            return
        prepare_to_read(app)
        for notice in app.notices:
            tell(notice)
        yield app, in_force(app.versions)
    finally:
        app.close()


def _checked(app: "App") -> str:
    """The text of a config.toml without mistakes. Raises ConfigRefusedError."""
    text = app.working_folder.text()
    app.working_folder.read()
    return text


def _value(setting: EffectiveSetting) -> str:
    """The text after the equals sign; for a template only its length."""
    if not setting.is_template:
        return toml_value(setting.value)
    count = len(setting.value.splitlines())
    return text("{count} line", many="{count} lines", count=count)


def _place(found: str | None) -> Label:
    """Where a variable is set; the environment, where it would be, if it is not."""
    return _PLACES.get(found or "environment") or Label.verbatim(str(found))


def _print(lines: Sequence[tuple[str, str]], *, origin: bool) -> None:
    """The lines, with their origins in a column before them if wanted."""
    width = max(cells(printable(place)) for place, _ in lines) + 2 if origin else 0
    for place, line in lines:
        print(pad(printable(place), width) + line if origin else line)


def _plain(setting: EffectiveSetting) -> dict[str, Any]:
    """For machines."""
    return {"path": setting.path, "value": setting.value, "origin": setting.origin.en}


def _plain_outside(outside: Mapping[str, str | None]) -> Iterator[dict[str, str]]:
    """For machines: whether each variable is set, never its value."""
    for name, place in outside.items():
        yield {"path": name, "value": (_SET if place else _NOT_SET).en, "origin": _place(place).en}
