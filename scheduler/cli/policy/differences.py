"""Differences of the policy in words: one line each. Always holds: no secret is in a line, and
nothing that could steer the terminal."""

from typing import Any

from scheduler.cli.terminal.say import text
from scheduler.core.config.differences import Difference, SettingChange
from scheduler.core.config.literal_secrets import value_without_secrets, without_secrets
from scheduler.core.config.toml.values import printable, toml_value


def difference_line(difference: Difference) -> str:
    """One line in the language in use: `milestones[renewal_3m].offset: "-3 months" → "-2
    months"`."""
    return without_secrets(printable(f"{difference.path}{text(': ')}{_what(difference)}"))


def plain_difference(difference: Difference) -> dict[str, Any]:
    """For machines. Of a template only how many lines changed: its text may be long."""
    texts = (
        {}
        if difference.is_template
        else {
            "old": value_without_secrets(difference.old),
            "new": value_without_secrets(difference.new),
        }
    )
    lines = {"lines": difference.lines} if difference.is_template else {}
    return {"path": difference.path, "kind": difference.kind, **texts, **lines}


def _what(difference: Difference) -> str:
    """The words for how the setting changed."""
    old, new = difference.old, difference.new
    match difference.kind:
        case SettingChange.RENAMED:
            return text(
                "renamed, was {old}",
                old=toml_value(old),
                new=toml_value(new),
            )
        case SettingChange.MERGED:
            return text("takes over {toml_value}", toml_value=toml_value(old))
        case SettingChange.MOVED:
            return text("moved, now after {new}", new=new) if new else text("moved, now first")
    if difference.is_template:
        return _template(difference)
    if difference.kind is SettingChange.CHANGED and (old, new) != (None, None):
        return f"{_value(old)} → {_value(new)}"
    value = new if difference.kind is SettingChange.ADDED else old
    return _word(difference.kind) + (
        "" if value is None else text(" ({toml_value})", toml_value=toml_value(value))
    )


def _template(difference: Difference) -> str:
    """A template that came, went or was edited."""
    count = difference.lines
    return text(
        "{word} ({count} line)",
        many="{word} ({count} lines)",
        count=count,
        word=_word(difference.kind),
    )


def _word(kind: SettingChange) -> str:
    return {SettingChange.ADDED: text("added"), SettingChange.REMOVED: text("removed")}.get(
        kind, text("changed")
    )


def _value(value: Any) -> str:
    """A value, or that there is none."""
    return text("(none)") if value is None else toml_value(value)
