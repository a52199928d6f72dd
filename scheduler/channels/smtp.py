"""One SMTP connection that always knows how far a mail has come.

smtplib raises the same error whether a connection breaks before or after the final dot; here
the steps are driven one by one, and a failure says in which phase it happened.

Always holds: only a failure in the phase `DOT` without an answer leaves it open whether the mail
was taken; no text holds the password.
"""

import smtplib
import socket
import ssl
from base64 import b64encode
from time import monotonic

from scheduler.channels.smtp_url import Server, StartTls
from scheduler.core.messages.faults import Phase

_DOT = b".\r\n"
_GO_AHEAD = 354
_CLOSING = 421
_FAILING = 400
_LIMITS = (421, 452)


class SmtpError(Exception):
    """A mail that was not accepted, or perhaps was. `code` is the server's answer; None: the
    connection broke without one."""

    def __init__(self, phase: Phase, code: int | None, said: str) -> None:
        super().__init__(said)
        self.phase = phase
        self.code = code

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
        server, timeout = self._server, self._left()
        smtp: smtplib.SMTP
        if server.implicit:
            smtp = smtplib.SMTP_SSL(
                server.host, server.port, our_name, timeout=timeout, context=self._context()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, our_name, timeout=timeout)
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
                raise smtplib.SMTPNotSupportedError(
                    "the server does not offer STARTTLS, which SMTP_URL requires"
                )
        if server.user:
            if not isinstance(smtp.sock, ssl.SSLSocket) and not server.loopback:
                raise smtplib.SMTPNotSupportedError(
                    "the connection is not encrypted, so the password of SMTP_URL is not sent"
                )
            self._hurry(smtp)
            self._log_in(smtp)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """AUTH; smtplib knows only passwords in ASCII, others go as UTF-8 (RFC 4616)."""
        user, password = self._server.user, self._server.password
        if (user + password).isascii():
            smtp.login(user, password)
            return
        code, text = smtp.docmd(
            "AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode()
        )
        if code >= _FAILING:
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
        closed, else made ready for the next mail."""
        self._hurry(self._smtp)
        code, text = self._smtp.getreply()
        if code < _FAILING and (phase is Phase.DATA) == (code == _GO_AHEAD):
            return
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
        """Says goodbye and hangs up."""
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
        where = f"{self._server.host}:{self._server.port}"
        code, said = (
            None,
            _of_tls(error)
            or (isinstance(error, OSError) and error.strerror)
            or f"{type(error).__name__}: {self._server.clean(str(error))}",
        )
        if isinstance(error, smtplib.SMTPResponseException):
            text = (
                error.smtp_error
                if isinstance(error.smtp_error, str)
                else error.smtp_error.decode(errors="replace")
            )
            code, said = error.smtp_code, f"{error.smtp_code} {self._server.clean(text)}"
        if isinstance(error, smtplib.SMTPAuthenticationError):
            said += "; check the user and password in SMTP_URL"
        return SmtpError(phase, code, f"mail server {where}, {phase}: {said}")


def _of_tls(error: Exception) -> str:
    """What is wrong with a server's TLS and what to do; empty for other errors. A connection that
    was to be encrypted is never made plain instead."""
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
    return ""


def _stuffed(mail: bytes) -> bytes:
    """The mail as it travels: CRLF at every line's end, a dot more where a line begins with one
    (RFC 5321 §4.5.2)."""
    lines = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    body = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return (b"." + body if body.startswith(b".") else body).replace(b"\r\n.", b"\r\n..")
