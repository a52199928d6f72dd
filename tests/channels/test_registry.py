"""The channels there are, what is wrong with a configuration, and that no text about either holds a
secret."""

import logging
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scheduler.channels.configured import ChannelConfigError, ChannelSettings
from scheduler.channels.registry import channel_problems, make_channels
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Channel, NotSent, Sent
from tests.channels.envelopes import to_mail, to_slack
from tests.servers.slack import SlackServer, Trouble, error, http, rate_limited
from tests.servers.smtp import Break, SmtpServer

PASSWORD, TOKEN = "hunter2-pässwörd", "xoxb-123456-very-secret"
FROM = ChannelSettings(mail_from="Renewals <renewals@example.com>")


def test_nothing_configured_leaves_preview_which_accepts_everything() -> None:
    channels = make_channels(ChannelSettings(), {})
    assert list(channels) == [ChannelName.PREVIEW]
    preview: Channel = channels[ChannelName.PREVIEW]
    assert preview.send(to_mail(), 1) == Sent("preview")
    assert isinstance(preview.look_up(to_mail(), datetime.now(UTC)), NotSent), (
        "the text is kept only by the commit that also records the sending"
    )
    assert preview.check() == ()
    preview.close()


def test_what_is_configured_is_there_and_nothing_connects() -> None:
    channels = make_channels(FROM, {"SLACK_BOT_TOKEN": TOKEN, "SMTP_URL": "smtp://127.0.0.1:1"})
    assert {name: channel.name for name, channel in channels.items()} == {
        name: name for name in ChannelName
    }


def test_only_what_stays_on_this_machine_may_be_used_in_a_rehearsal() -> None:
    near = {"SLACK_BOT_TOKEN": TOKEN, "SMTP_URL": "smtp://127.0.0.1:2525"}
    far = {"SLACK_BOT_TOKEN": TOKEN, "SMTP_URL": "smtp://mail.example.com"}
    local = replace(FROM, slack_api_url="http://127.0.0.1:8080/api/")
    assert [c.is_loopback() for c in make_channels(local, near).values()] == [True, True, True]
    assert [c.is_loopback() for c in make_channels(FROM, far).values()] == [False, False, True]


@pytest.mark.parametrize(
    ("settings", "secrets", "said"),
    [
        (FROM, {"SLACK_BOT_TOKEN": "hunter2"}, "begins with xoxb-"),
        (FROM, {"SLACK_BOT_TOKEN": "xoxb-hunter2\nX: y"}, "not a Slack token"),
        (
            ChannelSettings(slack_api_url="http://slack.example.com/api/"),
            {"SLACK_BOT_TOKEN": TOKEN},
            "https://",
        ),
        (ChannelSettings(slack_api_url="slack.com"), {"SLACK_BOT_TOKEN": TOKEN}, "https://"),
        (ChannelSettings(), {"SMTP_URL": "smtp://127.0.0.1"}, "mail_from"),
        (
            ChannelSettings(mail_from="nobody"),
            {"SMTP_URL": "smtp://127.0.0.1"},
            "'nobody' is not an e-mail address",
        ),
        (FROM, {"SMTP_URL": "hunter2"}, "must begin with smtp://"),
    ],
)
def test_a_configuration_that_cannot_work_is_named(
    settings: ChannelSettings, secrets: dict[str, str], said: str
) -> None:
    with pytest.raises(ChannelConfigError, match=said) as refused:
        make_channels(settings, secrets)
    assert "hunter2" not in str(refused.value) + refused.value.label.ja
    assert channel_problems(settings, secrets) == [refused.value.label]
    assert refused.value.label.ja != refused.value.label.en


def test_all_problems_come_at_once() -> None:
    assert len(channel_problems(ChannelSettings(), {"SLACK_BOT_TOKEN": "x", "SMTP_URL": "x"})) == 2


def test_no_text_about_any_failure_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = [*_slack_texts(), *_mail_texts()]
    coded = [
        b64encode(word.encode()).decode()
        for word in (PASSWORD, f"\0ann\0{PASSWORD}", "\0ann\0hunter2")
    ]
    assert len(said) > 12
    for secret in (TOKEN, PASSWORD, "hunter2", *coded):
        assert all(secret not in text for text in said)
        assert secret not in caplog.text


def _slack_texts() -> list[str]:
    troubles = [
        error("invalid_auth"),
        error(TOKEN),
        http(500),
        http(403),
        rate_limited(1),
        Trouble(cut=True),
    ]
    said = []
    with SlackServer() as server:
        channel = make_channels(
            ChannelSettings(slack_api_url=server.url), {"SLACK_BOT_TOKEN": TOKEN}
        )[ChannelName.SLACK]
        for method in ("chat.postMessage", "conversations.open"):
            for trouble in troubles:
                server.next(method, trouble)
                said += [
                    repr(channel.send(to_slack(), 5)),
                    repr(channel.look_up(to_slack(), datetime.now(UTC))),
                ]
        said += channel.check()
    away = make_channels(
        ChannelSettings(slack_api_url="http://127.0.0.1:1"), {"SLACK_BOT_TOKEN": TOKEN}
    )[ChannelName.SLACK]
    return [*said, *away.check(), repr(away), repr(away.send(to_slack(), 5))]


def _mail_texts() -> list[str]:
    said = []
    with SmtpServer(login=("ann", "right")) as server:
        url = f"smtp://ann:hunter2-p%C3%A4ssw%C3%B6rd@127.0.0.1:{server.port}"
        channel = make_channels(FROM, {"SMTP_URL": url})[ChannelName.EMAIL]
        said += [repr(channel.send(to_mail(), 5)), *channel.check(), repr(channel)]
        server.login = ("ann", "hunter2")
        channel = make_channels(FROM, {"SMTP_URL": f"smtp://ann:hunter2@127.0.0.1:{server.port}"})[
            ChannelName.EMAIL
        ]
        server.refuse = {"dan@example.com": "550 you sent hunter2 and AGFubgBodW50ZXIy"}
        for where in Break:
            server.breaks = [where]
            said.append(repr(channel.send(to_mail(), 5)))
        said.append(repr(channel.send(to_mail("dan@example.com"), 5)))
        channel.close()
    assert any("you sent ***" in text for text in said)
    return said
