"""What is taken for a secret, where it is told to go, and what is left alone. None of the secrets
here is one."""

import tomllib

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.core.config.literal_secrets import secret_lines, secrets, without_secrets

TAIL = "1234567890-abcdef"


@pytest.mark.parametrize(
    ("line", "variable"),
    [
        (f'x = "xoxb-{TAIL}"', "SLACK_BOT_TOKEN"),
        (f'x = "xoxe.xoxp-{TAIL}"', "SLACK_BOT_TOKEN"),
        (f'x = "Bearer XOXB-{TAIL}"', "SLACK_BOT_TOKEN"),
        (f'x = "xapp-1-{TAIL}"', "SLACK_APP_TOKEN"),
        ('x = ["a", { b = "https://hooks.slack.com/services/T/B/x" }]', "SLACK_BOT_TOKEN"),
        ('x = "smtp://ann:hunter2@mail.example.com"', "SMTP_URL"),
        ('x = "smtps://ann:hun/ter2@mail.example.com"', "SMTP_URL"),
        ('x = "postgresql+psycopg://ann:hun/ter@2@db/renewals"', "DATABASE_URL"),
        ('x = "https://ann:hunter2@example.com"', None),
        ('x = "smtp://mail.example.com?password=hunter2"', "SMTP_URL"),
        ('slack_token = "hunter2"', "SLACK_BOT_TOKEN"),
        ('token = "hunter2"', "SLACK_BOT_TOKEN"),
        ('SLACK_APP_TOKEN = "hunter2"', "SLACK_APP_TOKEN"),
        ('database_url = "postgresql://renewals@localhost/renewals"', "DATABASE_URL"),
        ('db_password = "hunter2"', "DATABASE_URL"),
        ('smtp_url = "smtp://127.0.0.1"', "SMTP_URL"),
        ('mail_pass = "hunter2"', "SMTP_URL"),
        ("password = 12345", "SMTP_URL"),
        ('passwords = { password = ["hunter2"] }', "SMTP_URL"),
        ('crm_api_key = "hunter2"', None),
        ('client_secret = "hunter2"', None),
        (f'hubspot = "pat-eu1-{TAIL}"', "HUBSPOT_TOKEN"),
        ('hubspot_token = "hunter2"', "HUBSPOT_TOKEN"),
    ],
)
def test_secrets_are_found_and_told_where_to_go(line: str, variable: str | None) -> None:
    [(_, label)] = secrets(tomllib.loads(line))
    assert (f"the environment variable {variable}," in label.en) is (variable is not None)
    assert (f"環境変数 {variable} か" in label.ja) is (variable is not None)


@pytest.mark.parametrize(
    "line",
    [
        'x = "https://wiki.example.com:8443/renewals?team=cs&page=2"',
        'x = "メールは cs@example.com、詳しくは https://example.com/a:b へ"',
        'x = "postgresql://renewals@localhost/renewals"',
        'x = "smtp://127.0.0.1:25"',
        'x = "email:cs@example.com"',
        'x = "xoxo, the team"',
        'where = { token = "x" }',
        "[calendars.token]",
        'bypass = "x"',
        'tokens = "x"',
    ],
)
def test_what_only_looks_like_one_is_left_alone(line: str) -> None:
    assert list(secrets(tomllib.loads(line))) == []


def test_the_shipped_file_holds_none() -> None:
    assert list(secrets(tomllib.loads(shipped_config()))) == []
    assert list(secret_lines(shipped_config())) == []


def test_tokens_in_comments_are_found_with_their_lines_and_examples_are_not() -> None:
    text = f"a = 1\n# SLACK_BOT_TOKEN=xoxb-{TAIL}\n# xoxb-...\nb = 'xapp-1-{TAIL}'\n"
    assert [line for line, _ in secret_lines(text)] == [2, 4]


@pytest.mark.parametrize(
    "secret",
    [
        f"xoxb-{TAIL}",
        f"xapp-1-{TAIL}",
        "postgres://a:hunter2@db",
        f"pat-na1-{TAIL}",
        "?token=hunter2",
    ],
)
def test_a_sentence_is_rid_of_them(secret: str) -> None:
    assert without_secrets(
        f'there is no stage "{secret}"'
    ) == 'there is no stage "…"' or "hunter2" not in without_secrets(secret)
