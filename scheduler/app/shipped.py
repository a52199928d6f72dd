"""What comes with the program: the configuration and the texts. In a wheel they lie inside the
package, in a checkout at its top.

Always holds: nothing is read before it is asked for; what was read once is kept.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_PACKAGE = Path(__file__).parents[1]
_KINDS = (".txt", ".html", ".toml")


def shipped_folder() -> Path:
    """The folder that holds `config.toml` and `templates/`."""
    packed = _PACKAGE / "_shipped"
    return packed if packed.is_dir() else _PACKAGE.parent


def shipped_config() -> str:
    """The configuration as shipped."""
    return (shipped_folder() / "config.toml").read_text("utf-8")


@cache
def shipped_templates() -> Mapping[str, str]:
    """The message templates by their path below `templates/messages` (`ja/default/slack.txt`)."""
    return _texts("messages")


@cache
def shipped_stories(language: str) -> Mapping[str, str]:
    """The stories that a new working folder begins with, by their file's name."""
    return _texts(f"stories/{language}")


@cache
def shipped_pages() -> Mapping[str, str]:
    """The templates of pages by their path below `templates/web` (`answer.html`)."""
    return _texts("web")


@cache
def shipped_reports() -> Mapping[str, str]:
    """The templates of printed reports by their path below `templates/reports`
    (`renewals.html`)."""
    return _texts("reports")


def _texts(folder: str) -> Mapping[str, str]:
    """The templates in a folder."""
    root = shipped_folder() / "templates" / folder
    files = (file for file in root.rglob("*") if file.suffix in _KINDS)
    return MappingProxyType(
        {file.relative_to(root).as_posix(): file.read_text("utf-8") for file in files}
    )
