"""The e-mail channel: one recipient per transaction over a connection that is kept and, where the
server limits it, renewed.

Always holds: the same envelope gives the same Message-ID; a mail whose headers are not exactly
those we wrote is not sent; a mail is `Unknown` only if its final dot went out and no answer came
back.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import formataddr, formatdate, parseaddr
from functools import cache, lru_cache
from threading import Lock
from time import monotonic
from typing import Any, Self

from css_inline import CSSInliner
from email_validator import EmailNotValidError, validate_email
from typing_extensions import override

from scheduler.channels.configured import ChannelConfigError, ChannelSettings
from scheduler.channels.smtp import SmtpConnection, SmtpError
from scheduler.channels.smtp_url import Server, SmtpUrlError
from scheduler.core.messages.faults import FaultScope, smtp_fault
from scheduler.core.messages.states import Shown
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Changed, Channel, Envelope, NotSent, Outcome, Picture, Sent, Unknown

_SMTP_URL = "SMTP_URL"
_LONGEST_LINE = 998
_MAILS_PER_CONNECTION = 100
_CHECK_SECONDS = 10.0
_SUBJECT_LIMIT = 200
_EXTRA_LIMIT = 900
_PERMANENT = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_EXTRA_NAME = re.compile(r"(?:List|X)-[A-Za-z0-9-]+")
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9.@_+-]")
_MIME = ("mime-version", "content-type", "content-transfer-encoding")
_INLINER = CSSInliner(keep_at_rules=True)


class _MailPolicy(Compat32):
    """How a mail is written. The standard library breaks an address that is longer than a line off
    its header's name, which not every mail program undoes in `List-Unsubscribe` (RFC 2369): such a
    header stays on its line, as RFC 5322 allows up to 998 characters."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Folds one header as bytes."""
        if _EXTRA_NAME.fullmatch(name) and value.isascii():
            return f"{name}: {value}\r\n".encode()
        return super().fold_binary(name, value)


_POLICY = _MailPolicy(linesep="\r\n", cte_type="7bit")


class BadAddressError(Exception):
    """An address no mail can be sent to; the text says why."""


class SmuggledHeaderError(Exception):
    """A mail would have had other headers than those written; it is not sent."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of mails. `domain` is also what Message-IDs end in."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part after the @."""
        return self.address.rpartition("@")[2]

    @classmethod
    def parse(cls, text: str) -> "Sender":
        """From `CS team <cs@example.com>` or a bare address. Raises BadAddressError."""
        name, address = parseaddr(text)
        return cls(header_text(name), ascii_address(address))


@lru_cache(maxsize=4096)
def ascii_address(address: str) -> str:
    """The address as SMTP carries it, an international domain in its ASCII form. Raises
    BadAddressError."""
    try:
        found = validate_email(
            address.strip(),
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise BadAddressError(f"{address!r} is not an e-mail address: {error}") from None
    if found.ascii_email is None:
        raise BadAddressError(
            f"{address!r} has letters before the @ that mail servers do not all accept; use an "
            "address in ASCII"
        )
    return found.ascii_email


def header_text(text: str, limit: int = _SUBJECT_LIMIT) -> str:
    """Text fit for a header: one line, and nothing that a parser could take for an encoded word.

    >>> header_text("x\\r\\nBcc: dan@example.com"), header_text("=?utf-8?q?x=0ABcc=3A?=")
    ('x Bcc: dan@example.com', '= ?utf-8?q?x=0ABcc=3A?=')
    """
    line = _CONTROL.sub(" ", text).replace("=?", "= ?").strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the message called `key`, the same on each attempt."""
    return f"<{key}@{domain}>"


def build(envelope: Envelope, sender: Sender, recipient: str) -> bytes:
    """The mail as bytes. Raises SmuggledHeaderError if its headers or parts are not those written
    here.

    From `email.mime`: an `EmailMessage` parses and folds every header anew, which takes three times
    as long.
    """
    mail = _body(envelope)
    mail["From"] = _from(sender)
    mail["To"] = recipient
    mail["Subject"] = Header(header_text(envelope.rendered.subject), header_name="Subject")
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = message_id(envelope.key, sender.domain)
    if envelope.thread:
        mail["References"] = _thread_id(envelope.thread, sender.domain)
        mail["In-Reply-To"] = mail["References"]
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in envelope.headers.items():
        if not _EXTRA_NAME.fullmatch(name):
            raise SmuggledHeaderError(
                f"the header {name!r} is not one that a message may add (List-…, X-…)"
            )
        mail[name] = header_text(value, _EXTRA_LIMIT)
    data = mail.as_bytes()
    refuse_smuggled(data, Counter(name.lower() for name in mail))
    separated = [(_boundary(envelope), len(mail.get_payload()))] if mail.is_multipart() else []
    if envelope.rendered.pictures and mail.is_multipart():
        separated.append((_boundary(envelope, "+"), len(envelope.rendered.pictures) + 1))
    if any(data.count(boundary.encode()) != parts + 2 for boundary, parts in separated):
        raise SmuggledHeaderError(
            "the mail's text holds what separates its parts; a customer's name or a template "
            "is malicious"
        )
    return data


def _body(envelope: Envelope) -> "Message[Any, Any]":
    """The text, and beside it the page if there is one."""
    rendered = envelope.rendered
    text = _part(rendered.text, "plain")
    if not rendered.html:
        return text
    page: MIMEBase = _part(_with_styles_inside(rendered.html), "html")
    if rendered.pictures:
        parts = [page, *map(_picture, rendered.pictures)]
        page = MIMEMultipart("related", _boundary(envelope, "+"), parts, policy=_POLICY)
    return MIMEMultipart("alternative", _boundary(envelope), [text, page], policy=_POLICY)


def _boundary(envelope: Envelope, kind: str = "_") -> str:
    """The text that separates the parts of a mail; another `kind` separates a page and its
    pictures."""
    return f"={kind}{envelope.key}"


def _picture(picture: Picture) -> MIMEImage:
    """A picture of the page."""
    part = MIMEImage(picture.png, "png", policy=_POLICY)
    part["Content-ID"] = f"<{picture.name}>"
    part["Content-Disposition"] = f'inline; filename="{picture.name}.png"'
    return part


def _part(text: str, kind: str) -> MIMEText:
    """One part: plain ASCII as it is, else UTF-8 in base64, with the line ends that a mail's text
    has (RFC 2046 §4.1.1)."""
    lines = re.split(r"\r\n|\r|\n", text)
    plain = text.isascii() and max(map(len, lines)) <= _LONGEST_LINE
    return MIMEText("\r\n".join(lines), kind, "us-ascii" if plain else "utf-8", policy=_POLICY)


@cache
def _from(sender: Sender) -> str | Header:
    """The sender with their name, in encoded words where it needs them."""
    if sender.name.isascii():
        return formataddr((sender.name, sender.address))
    header = Header(sender.name, "utf-8", header_name="From")
    header.append(f"<{sender.address}>", "us-ascii")
    return header


def refuse_smuggled(data: bytes, expected: Counter[str]) -> None:
    """Reads the headers back as any mail program would and compares their names."""
    head = data[: data.index(b"\r\n\r\n") + 4]
    found = Counter(name.lower() for name in BytesHeaderParser().parsebytes(head))
    extra = (found - expected) + (expected - found)
    if set(extra) - set(_MIME):
        names = ", ".join(sorted(extra))
        raise SmuggledHeaderError(
            f"the mail's headers are not those written ({names}); a customer's name or a "
            "template is malicious"
        )


def _thread_id(thread: str, domain: str) -> str:
    """The Message-ID of the thread's root, which need not exist as a mail."""
    bare = _NOT_IN_AN_ID.sub("", thread)[:_SUBJECT_LIMIT]
    return f"<{bare}>" if "@" in bare else message_id(bare, domain)


def _with_styles_inside(html: str) -> str:
    """Styles moved into the elements, for the mail programs that ignore style sheets; media queries
    stay."""
    return _INLINER.inline(html) if "<style" in html else html


class EmailChannel(Channel):
    """Hands mails to one SMTP server. Threads take turns on its connection."""

    name = ChannelName.EMAIL

    def __init__(
        self, server: Server, sender: Sender, mails_per_connection: int = _MAILS_PER_CONNECTION
    ) -> None:
        self._server = server
        self._sender = sender
        self._most = mails_per_connection
        self._connection: SmtpConnection | None = None
        self._lock = Lock()

    @classmethod
    def configured(cls, settings: ChannelSettings, secrets: Mapping[str, str]) -> Self | None:
        """By the server's address, and a sender."""
        url = secrets.get(_SMTP_URL, "").strip()
        if not url:
            return None
        if not settings.mail_from:
            raise ChannelConfigError(
                'e-mail needs a sender; set mail_from, e.g. "Renewals <renewals@example.com>"'
            )
        try:
            server, sender = Server.parse(url), Sender.parse(settings.mail_from)
        except SmtpUrlError as error:
            raise ChannelConfigError(error.label) from None
        except BadAddressError as error:
            raise ChannelConfigError("mail_from: {error}", error=error) from None
        return cls(server, sender, settings.mails_per_connection)

    @staticmethod
    def setup(settings: ChannelSettings, secrets: Mapping[str, str]) -> tuple[str, ...]:
        """The server, and the sender."""
        return secrets.get(_SMTP_URL, "").strip(), settings.mail_from

    @override
    def send(self, envelope: Envelope, deadline_seconds: float) -> Outcome:
        """Sends one mail to one recipient."""
        deadline = monotonic() + deadline_seconds
        try:
            recipient = ascii_address(envelope.address)
            mail = build(envelope, self._sender, recipient)
        except (BadAddressError, SmuggledHeaderError, ValueError) as error:
            return NotSent(str(error), permanent=True)
        if not self._lock.acquire(timeout=max(0.0, deadline - monotonic())):
            return NotSent("no time was left: another mail held the connection")
        try:
            return self._hand_over(recipient, mail, deadline) or Sent(
                message_id(envelope.key, self._sender.domain)
            )
        finally:
            self._lock.release()

    def _hand_over(self, recipient: str, mail: bytes, deadline: float) -> NotSent | Unknown | None:
        """None once the server has taken it. A reused connection that broke or reached its limit is
        renewed, once."""
        try:
            connection = self._connected(deadline)
            reused = connection.mails > 0
            try:
                connection.transfer(self._sender.address, recipient, mail, deadline)
            except SmtpError as failure:
                if not (reused and failure.worth_a_new_connection):
                    raise
                self._hang_up()
                self._connected(deadline).transfer(self._sender.address, recipient, mail, deadline)
        except SmtpError as failure:
            return _outcome(failure)
        return None

    def _connected(self, deadline: float) -> SmtpConnection:
        """The open connection, or a new one where there is none or it has carried its share."""
        if self._connection is not None and (
            not self._connection.open or self._connection.mails >= self._most
        ):
            self._hang_up()
        if self._connection is None:
            self._connection = SmtpConnection(self._server, self._sender.domain, deadline)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.quit()
            self._connection = None

    @override
    def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
        """Nobody can ask a mail server what it has taken."""
        return Unknown("a mail server cannot be asked whether it took a mail")

    @override
    def update(
        self, envelope: Envelope, receipt: str, deadline_seconds: float, shown: Shown | None = None
    ) -> Changed:
        """A mail that is out cannot be changed; its links lead to what is true."""
        return Changed(Sent(receipt))

    @override
    def address_problem(self, address: str) -> str:
        """Nothing is known before a message is sent."""
        return ""

    @override
    def check(self) -> Sequence[str]:
        """Whether the server can be reached and lets us in."""
        try:
            SmtpConnection(self._server, self._sender.domain, monotonic() + _CHECK_SECONDS).quit()
        except SmtpError as failure:
            return (f"e-mail: {failure}",)
        return ()

    @override
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        return self._server.loopback

    @override
    def close(self) -> None:
        """Says goodbye to the server."""
        with self._lock:
            self._hang_up()


def _outcome(failure: SmtpError) -> NotSent | Unknown:
    """What a failure means for the message, and whether it concerns the message or the server."""
    if failure.perhaps_taken:
        return Unknown(f"{failure} (the whole mail had been sent)")
    scope, kind = smtp_fault(failure.phase, failure.code, str(failure), setup=failure.setup)
    final = (
        scope is not FaultScope.CHANNEL and failure.code is not None and failure.code >= _PERMANENT
    )
    return NotSent(str(failure), permanent=final, fault_scope=scope, fault_kind=kind)
