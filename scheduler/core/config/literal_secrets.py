"""Passwords and tokens written into `config.toml`: refused, because the file is shared, versioned
and copied.

Always holds: a sentence about a secret names the environment variable it belongs in and never the
secret; `without_secrets` ensures this for all other sentences.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scheduler.core.config.mistakes import Found, Place
from scheduler.core.words.labels import Label

_TOKEN = re.compile(
    r"""
      \bxox[a-z]-[\w.-]*                            # Slack: bot, user, refresh …
    | \bxapp-[\w-]*                                 # Slack: app
    | hooks\.slack\.com/\S*
    | \bpat-[a-z]{2}\d-[\w-]+                       # HubSpot: service key, app
    | \b(smtps?|postgres(ql)?|mysql)(\+\w+)?://[^\s@]*:\S*@\S*
    | ://[^/\s:@]*:[^@\s/]+@\S*                     # any address with a password
    | [?&](password|passwd|pwd|token|secret)=\S+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IN_COMMENT = re.compile(
    r"\bxox[a-z]-[\w-]{10,}|\bxapp-[\w-]{10,}|\bpat-[a-z]{2}\d-[\w-]{10,}", re.IGNORECASE
)
_KEY = re.compile(
    r"(.*_)?(token|password|passwd|pwd|pass|secret|api_?key|signing_secret|(smtp|database|db|webhook|postgres\w*)_ur[il]|dsn)"
)
_VARIABLES = (
    (r"(^|_)hubspot_", "HUBSPOT_TOKEN"),
    (r"(^|_)app_", "SLACK_APP_TOKEN"),
    (r"(^|_)(smtp|mail|email)_|^(password|passwd|pwd|pass)$", "SMTP_URL"),
    (r"(^|_)(database|db|pg|postgres\w*)_|dsn$", "DATABASE_URL"),
    (r"(^|_)(slack|bot|webhook)_|^(token|signing_secret)$", "SLACK_BOT_TOKEN"),
)


def secrets(raw: Any, place: Place = ()) -> Iterator[Found]:
    """Finds every password and token in a file as tomllib reads it."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if _TOKEN.search(key):
                yield (*place, key), _said(_named_by(key))
            elif (
                _KEY.fullmatch(key.lower())
                and not isinstance(value, Mapping)
                and place[-1:] != ("where",)
            ):
                yield (*place, key), _said(_variable_of(key.lower()) or _named_by(str(value)))
            else:
                yield from secrets(value, (*place, key))
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from secrets(value, (*place, number))
    elif isinstance(raw, str) and _TOKEN.search(raw):
        yield place, _said(_named_by(raw))


def secret_lines(text: str) -> Iterator[tuple[int, Label]]:
    """The lines (from 1) that hold a token of full length, also in comments and in a text that is
    not TOML."""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _IN_COMMENT.search(line):
            yield number, _said(_named_by(found[0]))


def without_secrets(text: str) -> str:
    """A sentence without the secrets it may quote.

    >>> without_secrets('there is no calendar "xoxb-1-secret"')
    'there is no calendar "…"'
    """
    return _TOKEN.sub("…", text)


def value_without_secrets(value: Any) -> Any:
    """A setting's value without the secrets in its texts."""
    match value:
        case str():
            return without_secrets(value)
        case list():
            return [value_without_secrets(item) for item in value]
        case Mapping():
            return {key: value_without_secrets(item) for key, item in value.items()}
    return value


def _named_by(text: str) -> str | None:
    """The variable that a secret of this form belongs in."""
    plain = text.strip().lower()
    if re.search(r"\bpat-", plain):
        return "HUBSPOT_TOKEN"
    if "xapp-" in plain:
        return "SLACK_APP_TOKEN"
    if re.search(r"\bxox[a-z]-|hooks\.slack\.com", plain):
        return "SLACK_BOT_TOKEN"
    return (
        "SMTP_URL"
        if plain.startswith("smtp")
        else "DATABASE_URL"
        if re.match("postgres|mysql", plain)
        else None
    )


def _variable_of(key: str) -> str | None:
    """The variable that a setting of this name belongs in."""
    return next((variable for pattern, variable in _VARIABLES if re.search(pattern, key)), None)


def _said(name: str | None) -> Label:
    """What to do with a secret."""
    if name is None:
        return Label("a password or token must not be in this file; remove it")
    return Label(
        (
            "a password or token must not be in this file; put it into the environment variable "
            "{name}, a file named by {name}_FILE, or the systemd credential {name}"
        ),
        name=name,
    )
