"""Passwords and tokens written into `config.toml`: refused, because the file is shared, versioned and copied.

Always holds: what is said about a secret names the environment variable it belongs into and never the secret.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scheduler.core.config.mistakes import Found, Place
from scheduler.core.labels import Label

_TOKEN = re.compile(r"\bxox[a-z]-|\bxapp-|://[^/\s:@]*:[^@\s/]+@")
_KEYS = {
    "slack_app_token": "SLACK_APP_TOKEN",
    "app_token": "SLACK_APP_TOKEN",
    "slack_bot_token": "SLACK_BOT_TOKEN",
    "slack_token": "SLACK_BOT_TOKEN",
    "bot_token": "SLACK_BOT_TOKEN",
    "token": "SLACK_BOT_TOKEN",
    "smtp_url": "SMTP_URL",
    "smtp_password": "SMTP_URL",
    "password": "SMTP_URL",
    "database_url": "DATABASE_URL",
}


def secrets(raw: Any, place: Place = ()) -> Iterator[Found]:
    """Every password and token in a file as tomllib reads it."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            name = _KEYS.get(str(key).lower())
            if name and isinstance(value, str) and place[-1:] != ("where",):
                yield (*place, key), _said(name)
            else:
                yield from secrets(value, (*place, key))
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from secrets(value, (*place, number))
    elif isinstance(raw, str) and _TOKEN.search(raw):
        yield place, _said(_named_by(raw))


def _named_by(text: str) -> str:
    """The variable that a secret of this form belongs into."""
    if "xapp-" in text:
        return "SLACK_APP_TOKEN"
    if re.search(r"\bxox[a-z]-", text):
        return "SLACK_BOT_TOKEN"
    return "SMTP_URL" if text.lstrip().lower().startswith("smtp") else "DATABASE_URL"


def _said(name: str) -> Label:
    return Label(
        "パスワードやトークンは設定ファイルに書けません。"
        f"環境変数 {name} か、{name}_FILE が指すファイル、systemdのクレデンシャル {name} に置いてください",
        f"a password or token may not stand in this file; put it into the environment variable {name}, a file named by {name}_FILE,"
        f" or the systemd credential {name}",
    )
