"""Every setting that is in effect, with where it comes from: a line of config.toml, its default, a
version of the policy, the environment.

Always holds: no secret is among the values; a setting on which config.toml and the version in force
agree is shown as config.toml's, no matter who applied it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.core.config.addresses import shown_watcher
from scheduler.core.config.differences import TEMPLATES
from scheduler.core.config.literal_secrets import value_without_secrets
from scheduler.core.config.mistakes import Place
from scheduler.core.config.settings import Leaf, Setting, listed, machine_settings, policy_settings
from scheduler.core.config.toml.lines import key_lines
from scheduler.core.config.toml.syntax import NotToml, read_toml
from scheduler.core.words.labels import Label
from scheduler.services.policy.versions import AppliedVersion

DEFAULT = Label("default")

_WATCHER = "machine.heartbeat_url"


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """One setting by its path, with its value as TOML has it. For a template `value` is the
    text."""

    path: str
    value: Any
    origin: Label

    @property
    def is_template(self) -> bool:
        """Whether the setting is one of the user's own templates."""
        return self.path.startswith(TEMPLATES)


@dataclass(frozen=True, slots=True)
class Files:
    """What a working folder holds: `text` of the file called `name`, and the user's own templates,
    which lie in `folder`."""

    name: str
    text: str
    templates: Mapping[str, str]
    folder: str


def effective_settings(files: Files, version: AppliedVersion | None) -> list[EffectiveSetting]:
    """The policy of `version` (None: the files'), then the templates, then the machine's settings.
    The text must be a configuration without mistakes. Raises ValueError if it is not TOML."""
    raw = read_toml(files.text)
    if isinstance(raw, NotToml):
        raise ValueError(files.name)
    lines = key_lines(files.text)
    written = {setting.path: setting.leaf for setting in listed(policy_settings(raw))}
    policy = (
        listed(policy_settings(version.document["policy"]))
        if version is not None
        else [Setting(path, leaf) for path, leaf in written.items()]
    )
    machine = [_of_file(setting, files.name, lines) for setting in listed(machine_settings(raw))]
    found = [
        _of_policy(setting, written.get(setting.path), files.name, lines, version)
        for setting in policy
    ]
    return [_harmless(setting) for setting in (*found, *_templates(files, version), *machine)]


def _of_policy(
    setting: Setting,
    in_file: Leaf | None,
    name: str,
    lines: Mapping[Place, int],
    version: AppliedVersion | None,
) -> EffectiveSetting:
    """A setting of the policy, compared with the same one in the file."""
    leaf = setting.leaf
    same = in_file is not None and in_file.value == leaf.value
    if version is None or (in_file is not None and same and in_file.written):
        return _of_file(Setting(setting.path, in_file or leaf), name, lines)
    if in_file is not None and same and not leaf.written:
        return EffectiveSetting(setting.path, leaf.value, DEFAULT)
    return EffectiveSetting(setting.path, leaf.value, _of_version(version))


def _of_file(setting: Setting, name: str, lines: Mapping[Place, int]) -> EffectiveSetting:
    """A setting as the file has it, or its default."""
    leaf = setting.leaf
    line = f"{name}:{lines[leaf.place]}" if leaf.written else ""
    return EffectiveSetting(setting.path, leaf.value, Label.verbatim(line) if line else DEFAULT)


def _of_version(version: AppliedVersion) -> Label:
    return Label("version {version}", version=version.version)


def _templates(files: Files, version: AppliedVersion | None) -> Iterator[EffectiveSetting]:
    """The user's own templates."""
    texts = version.document.get("templates", {}) if version is not None else files.templates
    for path, text in texts.items():
        origin = (
            Label.verbatim(files.folder)
            if version is None or files.templates.get(path) == text
            else _of_version(version)
        )
        yield EffectiveSetting(f"{TEMPLATES}{path}", text, origin)


def _harmless(setting: EffectiveSetting) -> EffectiveSetting:
    """The value without anything that an older program may not have recognised as a secret; for the
    outside watcher's address, only the host."""
    value = (
        shown_watcher(setting.value)
        if setting.path == _WATCHER
        else value_without_secrets(setting.value)
    )
    return EffectiveSetting(setting.path, value, setting.origin)
