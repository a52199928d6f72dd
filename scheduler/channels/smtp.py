"""One SMTP connection that always knows how far a mail has come.

smtplib raises the same error whether a connection breaks before or after the final dot; here
the steps are driven one by one, and a failure says in which phase it happened.

Always holds: only a failure in the phase `DOT` without an answer leaves it open whether the mail
was taken, and what is no answer of a mail server's is none; nothing is waited for after the
deadline, however slowly the server speaks; no text holds the password.
"""

import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Any

from typing_extensions import Buffer, override

from scheduler.channels.smtp_url import Server, StartTls
from scheduler.core.messages.faults import Phase

_DOT = b".\r\n"
_DONE, _GO_AHEAD, _REFUSALS = range(200, 300), 354, range(400, 600)
_AUTHENTICATED = (235, 503)
_CLOSING = 421
_FAILING, _FOR_GOOD = 400, 500
_LIMITS = (421, 452)
_GOODBYE_SECONDS = 2.0


class SmtpError(Exception):
    """A mail that was not accepted, or perhaps was. `code` is the server's answer; None: the
    connection broke without one. `setup`: a person has to change something."""

    def __init__(self, phase: Phase, code: int | None, said: str, *, setup: bool = False) -> None:
        super().__init__(said)
        self.phase = phase
        self.code = code
        self.setup = setup

    @property
    def perhaps_taken(self) -> bool:
        """Whether the server may have taken the mail: the whole of it went out and no answer
        came."""
        return self.phase is Phase.DOT and self.code is None

    @property
    def worth_a_new_connection(self) -> bool:
        """Whether the reused connection may be to blame: it broke or reached a limit before the
        mail's text was sent."""
        if self.phase not in (Phase.MAIL, Phase.RCPT, Phase.DATA):
            return False
        return (
            self.code is None
            or self.code in _LIMITS
            or (self.phase is Phase.MAIL and self.code // 100 == _FAILING // 100)
        )


class _SetupError(smtplib.SMTPException):
    """The server is reached and cannot be used as SMTP_URL says; the text says what to do."""


class _NoAnswerError(smtplib.SMTPException):
    """What came is no answer of a mail server's."""


class _Incoming(RawIOBase):
    """What a server says, read for no longer than the time that is `left`: smtplib's own timeout
    begins anew with every byte."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock, self._left = sock, left

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer, /) -> int:
        self._sock.settimeout(self._left())
        return self._sock.recv_into(buffer)


class _Plain(smtplib.SMTP):
    """smtplib's client, which reads within the time that is `left`."""

    def __init__(
        self, left: Callable[[], float], host: str, port: int, our_name: str, **how: Any
    ) -> None:
        self._left = left
        super().__init__(host, port, our_name, timeout=left(), **how)

    @override
    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = BufferedReader(_Incoming(self.sock, self._left))
        return super().getreply()


class _Encrypted(_Plain, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class SmtpConnection:
    """An open, authenticated connection. `mails` counts what it carried. Raises SmtpError from
    every step."""

    def __init__(self, server: Server, our_name: str, deadline: float) -> None:
        self._server = server
        self._deadline = deadline
        self.mails = 0
        try:
            self._smtp = self._connect(our_name)
        except (OSError, smtplib.SMTPException) as error:
            raise self._failed(Phase.CONNECT, error) from None

    def _connect(self, our_name: str) -> smtplib.SMTP:
        where = (self._left, self._server.host, self._server.port, our_name)
        smtp = (
            _Encrypted(*where, context=self._context()) if self._server.implicit else _Plain(*where)
        )
        try:
            assert smtp.sock is not None
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._hurry(smtp)
            self._greet(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        """EHLO, STARTTLS and AUTH as configured."""
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        if not server.implicit and server.starttls is not StartTls.OFF:
            if smtp.has_extn("starttls"):
                smtp.starttls(context=self._context())
                self._hurry(smtp)
                smtp.ehlo()
            elif server.starttls is StartTls.REQUIRED:
                raise _SetupError("the server does not offer STARTTLS, which SMTP_URL requires")
        if server.user:
            if not isinstance(smtp.sock, ssl.SSLSocket) and not server.loopback:
                raise _SetupError(
                    "the connection is not encrypted, so the password of SMTP_URL is not sent; "
                    "write smtps://, or a server that offers STARTTLS"
                )
            self._hurry(smtp)
            self._log_in(smtp)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """AUTH; smtplib knows only passwords in ASCII, others go as UTF-8 (RFC 4616)."""
        user, password = self._server.user, self._server.password
        offered = smtp.esmtp_features.get("auth", "").upper()
        in_ascii = (user + password).isascii()
        known = ("PLAIN", "LOGIN", "CRAM-MD5") if in_ascii else ("PLAIN",)
        if not set(known) & set(offered.split()):
            only = f" (it offers {self._server.clean(offered.strip())})" if offered.strip() else ""
            raise _SetupError(
                f"the server takes no password here{only}; take user and password out of SMTP_URL, "
                "or write the host and port that take them (587 with ?starttls=required, or "
                "smtps://)"
            )
        if in_ascii:
            smtp.login(user, password)
            return
        code, text = smtp.docmd(
            "AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode()
        )
        if code not in _AUTHENTICATED:
            raise smtplib.SMTPAuthenticationError(code, text)

    def _hurry(self, smtp: smtplib.SMTP) -> None:
        """Gives the next step what is left of the time."""
        if smtp.sock is not None:
            smtp.sock.settimeout(self._left())

    def _context(self) -> ssl.SSLContext:
        """Made only where it is used: reading the machine's certificates takes as long as sending
        ten mails."""
        context = ssl.create_default_context()
        if not self._server.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def transfer(self, sender: str, recipient: str, mail: bytes, deadline: float) -> None:
        """Hands over one mail for one recipient; returns once the server has taken it."""
        self._deadline = deadline
        phase = Phase.MAIL
        try:
            self._step(phase, f"MAIL FROM:<{sender}>")
            phase = Phase.RCPT
            self._step(phase, f"RCPT TO:<{recipient}>")
            phase = Phase.DATA
            self._step(phase, "DATA")
            phase = Phase.BODY
            self._send(_stuffed(mail))
            self._still_there()
            phase = Phase.DOT
            self._send(_DOT)
            self._answer(phase)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise self._failed(phase, error) from None
        self.mails += 1

    def _step(self, phase: Phase, command: str) -> None:
        """Sends one command and reads its answer."""
        self._send(command.encode("ascii") + b"\r\n")
        self._answer(phase)

    def _send(self, data: bytes) -> None:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection was closed")
        self._hurry(self._smtp)
        self._smtp.sock.sendall(data)

    def _answer(self, phase: Phase) -> None:
        """Reads the server's answer. Raises SmtpError if it refuses; after 421 the connection is
        closed, else made ready for the next mail. Raises SMTPException where it is no answer to
        this step: something between, or an answer to another step."""
        code, text = self._smtp.getreply()
        if code == _GO_AHEAD if phase is Phase.DATA else code in _DONE:
            return
        if code not in _REFUSALS:
            said = f"{code if code > 0 else ''} {text.decode(errors='replace')}".strip()
            raise _NoAnswerError(f"“{said}” is no answer to this step")
        failure = SmtpError(
            phase,
            code,
            f"the mail server answered {phase} with {code} "
            + self._server.clean(text.decode(errors="replace")),
        )
        self._after_refusal(code)
        raise failure

    def _after_refusal(self, code: int) -> None:
        """RSET, so that the next mail starts clean; closed if that fails."""
        try:
            if code == _CLOSING or self._smtp.rset()[0] >= _FAILING:
                self.close()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _still_there(self) -> None:
        """Notices a server that hung up while the text was being sent, so that the final dot never
        reached it; over TLS this is not looked for."""
        sock = self._smtp.sock
        if sock is None or isinstance(sock, ssl.SSLSocket):
            return
        sock.setblocking(False)
        try:
            if sock.recv(1, socket.MSG_PEEK) == b"":
                raise smtplib.SMTPServerDisconnected(
                    "the server closed the connection before the end of the mail"
                )
        except BlockingIOError:
            return

    @property
    def open(self) -> bool:
        """Whether it can carry another mail, as far as is known."""
        return self._smtp.sock is not None

    def close(self) -> None:
        """Hangs up without a word."""
        self._smtp.close()

    def quit(self) -> None:
        """Says goodbye and hangs up; whoever does not answer keeps nobody waiting."""
        self._deadline = monotonic() + _GOODBYE_SECONDS
        try:
            if self.open:
                self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError once it has passed."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    def _failed(self, phase: Phase, error: Exception) -> SmtpError:
        """The meaning of an error of the socket or of smtplib. The password is looked for in what
        came from outside, not in words of our own or of the system."""
        where = f"mail server {self._server.host}:{self._server.port}, {phase}"
        if (wrong := _of_setup(error)) is not None:
            return SmtpError(phase, None, f"{where}: {wrong}", setup=True)
        if not isinstance(error, smtplib.SMTPResponseException):
            said = self._server.clean(str(error))
            if not isinstance(error, _NoAnswerError):
                said = (isinstance(error, OSError) and error.strerror) or (
                    f"{type(error).__name__}: {said}"
                )
            return SmtpError(phase, None, f"{where}: {said}")
        text = error.smtp_error
        text = text if isinstance(text, str) else text.decode(errors="replace")
        code, said = error.smtp_code, self._server.clean(text)
        if code not in _REFUSALS:
            return SmtpError(
                phase,
                None,
                f"{where}: something else than a mail server answers there (“{said}”); look at "
                "SMTP_URL",
                setup=True,
            )
        wrong_login = isinstance(error, smtplib.SMTPAuthenticationError) and code >= _FOR_GOOD
        advice = "; check the user and password in SMTP_URL" if wrong_login else ""
        return SmtpError(phase, code, f"{where}: {code} {said}{advice}")


def _of_setup(error: Exception) -> str | None:
    """What is wrong with how a server is to be used and what to do; None for other errors. A
    connection that was to be encrypted is never made plain instead."""
    if isinstance(error, _SetupError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the server's certificate cannot be trusted ({error.verify_message}): renew it, write "
            "the host that stands in it in SMTP_URL, name a private authority's file in "
            "SSL_CERT_FILE, or accept any certificate with ?verify=off"
        )
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return (
            "the server does not begin with TLS on this port; write smtp:// in SMTP_URL (with "
            "?starttls=required), or the port that speaks TLS from the beginning (465)"
        )
    return None


def _stuffed(mail: bytes) -> bytes:
    """The mail as it travels: CRLF at every line's end, a dot more where a line begins with one
    (RFC 5321 §4.5.2)."""
    lines = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    body = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return (b"." + body if body.startswith(b".") else body).replace(b"\r\n.", b"\r\n..")
