"""Whom a failure is about: each word of a mail server's and of Slack's that matters, in a table."""

import pytest

from scheduler.core.messages.faults import (
    FaultKind,
    FaultScope,
    Phase,
    signature_of,
    slack_fault,
    smtp_fault,
)

CHANNEL, REFUSED, MESSAGE = FaultScope.CHANNEL, FaultScope.REFUSED, FaultScope.MESSAGE

OF_MAIL = [
    (Phase.CONNECT, None, "ConnectionRefusedError: Connection refused", CHANNEL, FaultKind.NETWORK),
    (Phase.CONNECT, None, "gaierror: Name or service not known", CHANNEL, FaultKind.NETWORK),
    (Phase.CONNECT, 535, "5.7.8 Authentication credentials invalid", CHANNEL, FaultKind.ACCESS),
    (Phase.CONNECT, 454, "4.7.0 Temporary authentication failure", CHANNEL, FaultKind.BUSY),
    (Phase.CONNECT, 554, "no SMTP service here", CHANNEL, FaultKind.SETUP),
    (Phase.CONNECT, 421, "too many connections", CHANNEL, FaultKind.BUSY),
    (Phase.MAIL, 530, "5.7.0 Authentication required", CHANNEL, FaultKind.ACCESS),
    (
        Phase.MAIL,
        550,
        "5.7.60 client does not have permissions to send as this sender",
        CHANNEL,
        FaultKind.SETUP,
    ),
    (Phase.MAIL, 452, "4.3.1 insufficient system storage", CHANNEL, FaultKind.BUSY),
    (Phase.MAIL, 451, "4.7.1 quota exceeded", CHANNEL, FaultKind.BUSY),
    (Phase.MAIL, None, "Connection unexpectedly closed", CHANNEL, FaultKind.NETWORK),
    (Phase.RCPT, 421, "service not available", CHANNEL, FaultKind.BUSY),
    (Phase.RCPT, 452, "4.3.1 insufficient system storage", CHANNEL, FaultKind.BUSY),
    (Phase.RCPT, 530, "5.7.1 log in first", CHANNEL, FaultKind.ACCESS),
    (Phase.RCPT, 550, "5.7.1 relaying denied", REFUSED, None),
    (Phase.RCPT, 550, "5.1.1 no such user here", REFUSED, None),
    (Phase.RCPT, 552, "5.2.2 mailbox full", REFUSED, None),
    (Phase.RCPT, 452, "4.2.2 mailbox full", REFUSED, None),
    (Phase.RCPT, 450, "4.2.0 greylisted", REFUSED, None),
    (Phase.DATA, None, "Connection unexpectedly closed", REFUSED, None),
    (Phase.DOT, 554, "5.7.1 looks like spam", REFUSED, None),
    (Phase.DOT, 552, "5.3.4 message too big", REFUSED, None),
]

OF_SLACK: dict[FaultScope, dict[str, FaultKind | None]] = {
    CHANNEL: {
        "invalid_auth": FaultKind.ACCESS,
        "not_authed": FaultKind.ACCESS,
        "token_revoked": FaultKind.ACCESS,
        "token_expired": FaultKind.ACCESS,
        "account_inactive": FaultKind.ACCESS,
        "missing_scope": FaultKind.SETUP,
        "org_login_required": FaultKind.SETUP,
        "team_access_not_granted": FaultKind.SETUP,
        "service_unavailable": FaultKind.BUSY,
        "accesslimited": FaultKind.BUSY,
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


@pytest.mark.parametrize(("phase", "code", "said", "fault_scope", "fault_kind"), OF_MAIL)
def test_what_a_mail_server_says_is_about_the_channel_or_one_recipient(
    phase: Phase, code: int | None, said: str, fault_scope: FaultScope, fault_kind: FaultKind | None
) -> None:
    assert smtp_fault(phase, code, said) == (fault_scope, fault_kind)
    assert smtp_fault(phase, code, said, setup=True) == (CHANNEL, FaultKind.SETUP)


@pytest.mark.parametrize(
    ("word", "fault"), [(w, (c, n)) for c, words in OF_SLACK.items() for w, n in words.items()]
)
def test_what_slack_says_is_about_the_channel_one_recipient_or_the_message(
    word: str, fault: tuple[FaultScope, FaultKind | None]
) -> None:
    assert slack_fault(word) == fault


def test_a_permission_that_only_reading_needs_does_not_stop_posting() -> None:
    assert slack_fault("missing_scope", "conversations.history") == (MESSAGE, None)


def test_two_refusals_are_the_same_whatever_address_they_name() -> None:
    said = "the mail server answered RCPT TO with 550 5.7.1 <{}>: Relay access denied"
    assert (
        signature_of(said.format("ann@example.com"))
        == signature_of(said.format("bob@example.com"))
        == "550 5.7.1"
    )
    assert (
        signature_of("the mail server answered RCPT TO with 550 5.1.1 no such user") != "550 5.7.1"
    )
    assert signature_of("552-5.2.2 over quota") == "552 5.2.2"
