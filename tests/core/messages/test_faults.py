"""Whom a failure is about: each word of a mail server's and of Slack's that matters, in a table."""

import pytest

from scheduler.core.messages.faults import Concerns, Nature, Phase, mark_of, slack_fault, smtp_fault

CHANNEL, REFUSED, MESSAGE = Concerns.CHANNEL, Concerns.REFUSED, Concerns.MESSAGE

OF_MAIL = [
    (Phase.CONNECT, None, "ConnectionRefusedError: Connection refused", CHANNEL, Nature.NETWORK),
    (Phase.CONNECT, None, "gaierror: Name or service not known", CHANNEL, Nature.NETWORK),
    (
        Phase.CONNECT,
        None,
        "SSLCertVerificationError: certificate verify failed",
        CHANNEL,
        Nature.SETUP,
    ),
    (
        Phase.CONNECT,
        None,
        "SMTPNotSupportedError: the server does not offer STARTTLS",
        CHANNEL,
        Nature.SETUP,
    ),
    (Phase.CONNECT, 535, "5.7.8 Authentication credentials invalid", CHANNEL, Nature.ACCESS),
    (Phase.CONNECT, 454, "4.7.0 Temporary authentication failure", CHANNEL, Nature.BUSY),
    (Phase.CONNECT, 554, "no SMTP service here", CHANNEL, Nature.SETUP),
    (Phase.CONNECT, 421, "too many connections", CHANNEL, Nature.BUSY),
    (Phase.MAIL, 530, "5.7.0 Authentication required", CHANNEL, Nature.ACCESS),
    (
        Phase.MAIL,
        550,
        "5.7.60 client does not have permissions to send as this sender",
        CHANNEL,
        Nature.SETUP,
    ),
    (Phase.MAIL, 452, "4.3.1 insufficient system storage", CHANNEL, Nature.BUSY),
    (Phase.MAIL, 451, "4.7.1 quota exceeded", CHANNEL, Nature.BUSY),
    (Phase.MAIL, None, "Connection unexpectedly closed", CHANNEL, Nature.NETWORK),
    (Phase.RCPT, 421, "service not available", CHANNEL, Nature.BUSY),
    (Phase.RCPT, 452, "4.3.1 insufficient system storage", CHANNEL, Nature.BUSY),
    (Phase.RCPT, 530, "5.7.1 log in first", CHANNEL, Nature.ACCESS),
    (Phase.RCPT, 550, "5.7.1 relaying denied", REFUSED, None),
    (Phase.RCPT, 550, "5.1.1 no such user here", REFUSED, None),
    (Phase.RCPT, 552, "5.2.2 mailbox full", REFUSED, None),
    (Phase.RCPT, 452, "4.2.2 mailbox full", REFUSED, None),
    (Phase.RCPT, 450, "4.2.0 greylisted", REFUSED, None),
    (Phase.DATA, None, "Connection unexpectedly closed", REFUSED, None),
    (Phase.DOT, 554, "5.7.1 looks like spam", REFUSED, None),
    (Phase.DOT, 552, "5.3.4 message too big", REFUSED, None),
]

OF_SLACK: dict[Concerns, dict[str, Nature | None]] = {
    CHANNEL: {
        "invalid_auth": Nature.ACCESS,
        "not_authed": Nature.ACCESS,
        "token_revoked": Nature.ACCESS,
        "token_expired": Nature.ACCESS,
        "account_inactive": Nature.ACCESS,
        "missing_scope": Nature.SETUP,
        "org_login_required": Nature.SETUP,
        "team_access_not_granted": Nature.SETUP,
        "service_unavailable": Nature.BUSY,
        "accesslimited": Nature.BUSY,
    },
    REFUSED: dict.fromkeys(
        (
            "user_not_found",
            "channel_not_found",
            "not_in_channel",
            "is_archived",
            "cannot_dm_bot",
            "a word of next year's",
        )
    ),
    MESSAGE: dict.fromkeys(("msg_too_long", "invalid_blocks", "no_text")),
}


@pytest.mark.parametrize(("phase", "code", "said", "concerns", "nature"), OF_MAIL)
def test_what_a_mail_server_says_is_about_the_channel_or_one_recipient(
    phase: Phase, code: int | None, said: str, concerns: Concerns, nature: Nature | None
) -> None:
    assert smtp_fault(phase, code, said) == (concerns, nature)


@pytest.mark.parametrize(
    ("word", "fault"), [(w, (c, n)) for c, words in OF_SLACK.items() for w, n in words.items()]
)
def test_what_slack_says_is_about_the_channel_one_recipient_or_the_message(
    word: str, fault: tuple[Concerns, Nature | None]
) -> None:
    assert slack_fault(word) == fault


def test_a_permission_that_only_reading_needs_does_not_stop_posting() -> None:
    assert slack_fault("missing_scope", "conversations.history") == (MESSAGE, None)


def test_two_refusals_are_the_same_whatever_address_they_name() -> None:
    said = "the mail server answered RCPT TO with 550 5.7.1 <{}>: Relay access denied"
    assert (
        mark_of(said.format("ann@example.com"))
        == mark_of(said.format("bob@example.com"))
        == "550 5.7.1"
    )
    assert mark_of("the mail server answered RCPT TO with 550 5.1.1 no such user") != "550 5.7.1"
    assert mark_of("552-5.2.2 over quota") == "552 5.2.2"
