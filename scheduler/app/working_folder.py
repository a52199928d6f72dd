"""Reads a working folder: `config.toml` and the user's own templates. Always holds: either a Config
without mistakes, or every problem at once."""

import errno
from collections.abc import Callable, Collection, Mapping
from os import stat_result
from pathlib import Path

from scheduler.core.config.reading import Config, HolidaysOf, content_hash, read_config
from scheduler.core.config.toml.syntax import not_utf8
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem

CONFIG, TEMPLATES = "config.toml", Path("templates") / "messages"
_TEMPLATE_KINDS = (".txt", ".html")
_REASONS = {
    errno.EACCES: Label("permission denied; let this user read it"),
    errno.EPERM: Label("permission denied; let this user read it"),
    errno.EISDIR: Label("it is a folder, not a file; rename or remove it"),
    errno.EIO: Label("an error while reading; look at the disk"),
}


class ConfigRefusedError(Exception):
    """The configuration has mistakes; `problems` are all of them."""

    exit_code = 2

    def __init__(self, problems: Collection[Problem]) -> None:
        super().__init__(f"{len(problems)} problems in the configuration")
        self.problems = tuple(problems)


class WorkingFolder:
    """One folder with a `config.toml`. `config_file`: another file to be read in its place, beside
    the same templates."""

    def __init__(
        self,
        path: Path,
        holidays_of: HolidaysOf,
        shipped_templates: Callable[[], Mapping[str, str]],
        config_file: Path | None = None,
    ) -> None:
        self.path = path
        self._config_file = config_file
        self._holidays_of = holidays_of
        self._shipped_templates = shipped_templates

    @property
    def config_file(self) -> Path:
        """Where the configuration is."""
        return self._config_file or self.path / CONFIG

    def read(self) -> Config:
        """The configuration. Raises UserMustActError (no such folder or file, not readable) and
        ConfigRefusedError (mistakes in it)."""
        result = self.problems_or_config()
        if isinstance(result, Config):
            return result
        raise ConfigRefusedError(result)

    def problems_or_config(self) -> Config | list[Problem]:
        """The configuration, or its problems. Raises UserMustActError."""
        text = self.text()
        names = {path.split("/")[1] for path in self._shipped_templates() if path.count("/") >= 2}
        return read_config(
            text,
            str(self.config_file),
            self._holidays_of,
            templates=self.templates(),
            template_names=names,
        )

    def text(self) -> str:
        """The file's text. Raises UserMustActError (no such folder or file, not readable)."""
        if not self.path.exists():
            raise UserMustActError(
                (
                    "there is no folder {path}; name the working folder with --dir, or make "
                    "one: renewals init {path}"
                ),
                path=self.path,
            )
        if not self.path.is_dir():
            raise UserMustActError(
                ("{path} is not a folder; name the folder that holds config.toml with --dir"),
                path=self.path,
            )
        if self._config_file is not None and not self._config_file.exists():
            raise UserMustActError("there is no file {config_file}", config_file=self._config_file)
        if not self.config_file.exists():
            raise UserMustActError(
                (
                    "there is no {config_file}; name the working folder with --dir, or make "
                    "one with `renewals init`"
                ),
                config_file=self.config_file,
            )
        return _read(self.config_file)

    def templates(self) -> dict[str, str]:
        """The user's own templates by their path below `templates/messages`
        (`ja/default/slack.txt`)."""
        root = self.path / TEMPLATES
        files = sorted(f for f in root.rglob("*") if f.suffix in _TEMPLATE_KINDS and f.is_file())
        return {file.relative_to(root).as_posix(): _read(file) for file in files}

    def unusable_templates(self) -> list[Problem]:
        """What has a template's name and is no file: a folder, or a link that leads nowhere. Hidden
        names are passed over, because editors leave such links."""
        found = sorted(
            f for f in (self.path / TEMPLATES).rglob("[!.]*") if f.suffix in _TEMPLATE_KINDS
        )
        return [
            Problem(str(f), 0, "", _REASONS[errno.EISDIR] if f.is_dir() else _nowhere(f))
            for f in found
            if not f.is_file()
        ]

    def content_hash(self) -> str:
        """The hash of the policy that the files hold, without looking for mistakes; empty where
        config.toml is no TOML. Raises UserMustActError."""
        return content_hash(self.text(), self.templates())

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Changes whenever the configuration or a template was saved: names, times and sizes."""
        files = [self.config_file, *sorted((self.path / TEMPLATES).rglob("*"))]
        return tuple(
            (str(f), s.st_mtime_ns, s.st_size) for f in files if (s := _stat(f)) is not None
        )


def _stat(file: Path) -> stat_result | None:
    """The file's entry; None where it has just gone."""
    try:
        return file.stat()
    except OSError:
        return None


def _nowhere(file: Path) -> Label:
    """Why a name that is neither a file nor a folder is no template."""
    if not file.is_symlink():
        return Label("it is not a file; remove it")
    return Label(
        "it is a link to {target}, which is not a file that can be read; link it to the text, or "
        "remove it",
        target=file.readlink(),
    )


def _read(file: Path) -> str:
    """A text file. Raises UserMustActError."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = not_utf8(error)
        raise UserMustActError(
            "{file}:{line}  {wrong}", file=file, line=wrong.line, wrong=wrong.text
        ) from None
    except OSError as error:
        why = _REASONS.get(error.errno or 0) or Label.verbatim(error.strerror or str(error))
        raise UserMustActError("cannot read {file}: {why}", file=file, why=why) from error
