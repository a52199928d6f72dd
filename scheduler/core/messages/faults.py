"""What a failure to send is about: the whole channel, or one recipient. A table of what mail
servers and Slack say, with its sources, and one judge for each.

Always holds: an unlisted failure concerns only the message it met (`FaultScope.REFUSED`: it becomes
the channel's once it meets everybody, see `circuit_breaker`); nothing here knows a library or a
socket.

Sources: RFC 5321 §4.2.2 and §3.8 (421), RFC 4954 §6 (454, 530, 534, 535, 538), RFC 3207 §4 (454
TLS), RFC 3463 (x.1 addresses, x.2 mailboxes, x.7 policy), RFC 7504 (521); Slack's lists of errors
of chat.postMessage and auth.test, https://docs.slack.dev/reference/methods/chat.postMessage.
"""

import re
from collections.abc import Mapping
from enum import StrEnum


class FaultScope(StrEnum):
    """What a failure is about. `MESSAGE`: a message that cannot be sent at all. `REFUSED`: one
    recipient or mail, unless it meets everybody."""

    MESSAGE = "message"
    REFUSED = "refused"
    CHANNEL = "channel"


class FaultKind(StrEnum):
    """What is wrong with a channel, by what helps: a person (`ACCESS`, `SETUP`), mostly time
    (`NETWORK`, `BUSY`), or a closer look (`EVERYBODY`)."""

    ACCESS = "access"
    SETUP = "setup"
    NETWORK = "network"
    BUSY = "busy"
    EVERYBODY = "everybody"


PASSING = frozenset({FaultKind.NETWORK, FaultKind.BUSY})
"""What mostly passes by itself."""


class Phase(StrEnum):
    """How far the sending of a mail has come. In `BODY` the final dot was not yet sent; in `DOT` it
    was."""

    CONNECT = "connecting"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    BODY = "the mail's text"
    DOT = "the final dot"


Fault = tuple[FaultScope, FaultKind | None]
"""Whom a failure is about; of a channel's also what is the matter."""

_REFUSED: Fault = (FaultScope.REFUSED, None)
_ALL_PHASES: Mapping[int, FaultKind] = {
    421: FaultKind.BUSY,
    454: FaultKind.BUSY,
    432: FaultKind.ACCESS,
    500: FaultKind.SETUP,
    502: FaultKind.SETUP,
    503: FaultKind.SETUP,
    521: FaultKind.SETUP,
    530: FaultKind.ACCESS,
    534: FaultKind.ACCESS,
    535: FaultKind.ACCESS,
    538: FaultKind.ACCESS,
}
"""Codes that say something about the server or about us, whenever they come."""
_SYSTEM = re.compile(r"\b[45]\.3\.\d+\b")
"""RFC 3463 §3.4: the state of the server's own system: storage full, not accepting messages."""
_PERMANENT = 500


def smtp_fault(phase: Phase, code: int | None, said: str, *, setup: bool = False) -> Fault:
    """What a mail server's refusal, or a connection that broke (`code` None), is about. `setup`: it
    is known that a person has to change something.

    >>> smtp_fault(Phase.CONNECT, 535, "5.7.8 bad credentials")
    (<FaultScope.CHANNEL: 'channel'>, <FaultKind.ACCESS: 'access'>)
    >>> smtp_fault(Phase.RCPT, 550, "5.1.1 no such user")[0]
    <FaultScope.REFUSED: 'refused'>
    """
    if setup:
        return FaultScope.CHANNEL, FaultKind.SETUP
    if code is not None and code in _ALL_PHASES:
        return FaultScope.CHANNEL, _ALL_PHASES[code]
    if phase in (Phase.CONNECT, Phase.MAIL):
        return FaultScope.CHANNEL, _at_the_door(code)
    if code is None:
        return _REFUSED
    if _SYSTEM.search(said) and code < _PERMANENT:
        return FaultScope.CHANNEL, FaultKind.BUSY
    return _REFUSED


def _at_the_door(code: int | None) -> FaultKind:
    """What is wrong if a server refuses before it has heard of any recipient."""
    if code is None:
        return FaultKind.NETWORK
    return FaultKind.SETUP if code >= _PERMANENT else FaultKind.BUSY


_OF_SLACK: Mapping[str, FaultKind] = (
    dict.fromkeys(
        (
            "access_denied",
            "account_inactive",
            "invalid_auth",
            "no_permission",
            "not_allowed_token_type",
            "not_authed",
            "token_expired",
            "token_revoked",
        ),
        FaultKind.ACCESS,
    )
    | dict.fromkeys(
        (
            "app_not_installed",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "missing_scope",
            "missing_scopes",
            "org_login_required",
            "team_access_not_granted",
            "team_not_found",
            "two_factor_setup_required",
            "messages_tab_disabled",
            "upgrade_required",
        ),
        FaultKind.SETUP,
    )
    | dict.fromkeys(
        (
            "accesslimited",
            "deprecated_endpoint",
            "message_limit_exceeded",
            "service_unavailable",
            "team_added_to_org",
        ),
        FaultKind.BUSY,
    )
)
"""Slack's words about the token, the app and the workspace. Rate limits are no fault: they have
their Retry-After in a row of `limits`."""
_OURS = frozenset(
    {
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
"""What is wrong with the very message."""


POSTING = "chat.postMessage"
_SCOPES = frozenset({"missing_scope", "missing_scopes", "no_permission"})


def slack_fault(code: str, method: str = POSTING) -> Fault:
    """What Slack's error code for a refused `method` is about. A missing permission that is only
    needed to look things up is no fault of the channel.

    >>> (slack_fault("token_revoked")[1].value, slack_fault("user_not_found")[0].value,
    ...  slack_fault("msg_too_long")[0].value)
    ('access', 'refused', 'message')
    """
    if code in _SCOPES and method != POSTING:
        return FaultScope.MESSAGE, None
    if code in _OF_SLACK:
        return FaultScope.CHANNEL, _OF_SLACK[code]
    return (FaultScope.MESSAGE, None) if code in _OURS else _REFUSED


_STATUS = re.compile(r"\b([45]\d\d)\b(?:[ -]+([45]\.\d{1,3}\.\d{1,3}))?")


def signature_of(said: str) -> str:
    """What two refusals must have in common to be the same one: a mail server's code and enhanced
    code, or Slack's error code; never an address.

    >>> denied = "the mail server answered RCPT TO with 550 5.7.1 relaying denied for a@example.com"
    >>> signature_of(denied), signature_of("user_not_found: no such person")
    ('550 5.7.1', 'user_not_found')
    """
    found = _STATUS.search(said)
    return " ".join(part for part in found.groups() if part) if found else said.partition(":")[0]


def is_answer(signature: str) -> bool:
    """Whether a refusal was said by the other side, rather than a connection that broke: a code, or
    a word of Slack's.

    >>> [is_answer(mark) for mark in ("550 5.7.1", "user_not_found", "mail server 192.0.2.1")]
    [True, True, False]
    """
    return signature[:1].isdigit() or " " not in signature
