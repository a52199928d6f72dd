"""A mail server on loopback (aiosmtpd), which misbehaves on request: limits per connection, dropped
connections, refusals, AUTH, STARTTLS.

with SmtpServer(mails_per_session=100) as smtp:
    EmailChannel(Server.parse(smtp.url), …).send(...)
    smtp.mails[0].subject
"""

import asyncio
import logging
import ssl
import subprocess
import warnings
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from types import TracebackType
from typing import Any, AnyStr, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Break(StrEnum):
    """Where a connection is cut."""

    AT_DATA = "at DATA, after 354"
    BEFORE_DOT = "in the mail's text"
    AFTER_DOT = "after the final dot; the mail is kept"
    AFTER_DOT_LOST = "after the final dot; the mail is lost"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that was taken. `session` counts connections from 1."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    session: int
    tls: bool

    @property
    def parsed(self) -> EmailMessage:
        """The mail as a mail program reads it."""
        return message_from_bytes(self.content, policy=default)

    @property
    def subject(self) -> str:
        """Its subject in plain text."""
        return str(self.parsed["Subject"])

    @property
    def key(self) -> str:
        """The part of its Message-ID before the @."""
        return str(self.parsed["Message-ID"]).strip("<>").partition("@")[0]


class SmtpServer:
    """The server. Its attributes may be changed while it runs; `breaks` are used up, one connection
    each; `seconds` delay every answer to a mail, `letter_seconds` each letter of it. `instead`:
    what is said in the place of an answer, by how that begins."""

    def __init__(
        self,
        *,
        mails_per_session: int | None = None,
        login: tuple[str, str] | None = None,
        tls: bool = False,
        limit_reply: str = "452 4.5.3 too many mails",
        silent: bool = False,
    ) -> None:
        self.mails: list[Mail] = []
        self.sessions = 0
        self.breaks: list[Break] = []
        self.refuse: dict[str, str] = {}
        self.after_data: list[str] = []
        self.seconds = self.letter_seconds = 0.0
        self.instead: dict[str, str] = {}
        self.mails_per_session = mails_per_session
        self.limit_reply = limit_reply
        self.login = login
        self.silent = silent
        self._open: list[_Protocol] = []
        self._context = _certificate() if tls else None
        self._loop = asyncio.new_event_loop()
        self._ready = Event()
        self.port = 0

    @property
    def url(self) -> str:
        """What SMTP_URL is set to."""
        user = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        return f"smtp://{user}127.0.0.1:{self.port}" + (
            "?starttls=required&verify=off" if self._context else ""
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        given = (
            (data.login.decode(), data.password.decode())
            if isinstance(data, LoginPassword)
            else None
        )
        return AuthResult(success=given == self.login, handled=False)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        """The server's thread."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, "127.0.0.1", 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _protocol(self) -> SMTP:
        """The protocol of one new connection."""
        self.sessions += 1
        tls: dict[str, Any] = (
            {"tls_context": self._context, "require_starttls": True} if self._context else {}
        )
        checks = {
            "authenticator": self._authenticate,
            "auth_required": True,
            "auth_require_tls": bool(self._context),
        }
        auth: dict[str, Any] = checks if self.login else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            protocol = _Protocol(self, _Keep(self), loop=self._loop, **tls, **auth)
        self._open.append(protocol)
        return protocol

    def hang_up_all(self) -> None:
        """Cuts every connection, as a server does with clients that say nothing for long."""
        done = Event()
        for protocol in self._open:
            self._loop.call_soon_threadsafe(protocol.hang_up)
        self._loop.call_soon_threadsafe(done.set)
        done.wait()


class _Keep:
    """Keeps what was taken."""

    def __init__(self, owner: SmtpServer) -> None:
        self.owner = owner

    async def handle_RCPT(  # noqa: N802
        self,
        server: "_Protocol",
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if address in self.owner.refuse:
            return self.owner.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(  # noqa: N802
        self,
        server: "_Protocol",
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        most = self.owner.mails_per_session
        if most is not None and server.taken >= most:
            if self.owner.limit_reply.startswith("421"):
                asyncio.get_running_loop().call_later(0.01, server.hang_up)
            return self.owner.limit_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: "_Protocol", session: Session, envelope: Envelope) -> str:  # noqa: N802
        broken = server.cut
        if broken is Break.AFTER_DOT_LOST:
            return server.hang_up()
        if self.owner.after_data:
            return self.owner.after_data.pop(0)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = Mail(
            envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            content,
            server.number,
            session.ssl is not None,
        )
        self.owner.mails.append(mail)
        server.taken += 1
        server.letter_seconds = self.owner.letter_seconds
        await asyncio.sleep(self.owner.seconds)
        return server.hang_up() if broken is Break.AFTER_DOT else "250 OK taken"


class _Protocol(SMTP):
    """One connection."""

    def __init__(self, owner: SmtpServer, handler: _Keep, **options: Any) -> None:
        super().__init__(handler, **options)
        self.owner = owner
        self.number = owner.sessions
        self.taken = 0
        self.letter_seconds = 0.0
        self.cut: Break | None = None

    def hang_up(self) -> str:
        """Cuts the connection; nothing of the answer leaves."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        return "250 never seen"

    async def push(self, status: AnyStr) -> None:
        """Says something, unless the server is a silent one."""
        if self.owner.silent:
            return
        words = status if isinstance(status, str) else status.decode()
        words = next(
            (s for start, s in self.owner.instead.items() if words.startswith(start)), words
        )
        for letter in words if self.letter_seconds else ():
            self._writer.write(letter.encode())
            await asyncio.sleep(self.letter_seconds)
        await super().push("" if self.letter_seconds else words)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self.cut = self.owner.breaks.pop(0) if self.owner.breaks else None
        if self.cut is Break.AT_DATA:
            await self.push("354 go ahead")
            self.hang_up()
        elif self.cut is Break.BEFORE_DOT:
            await self.push("354 go ahead")
            await self._reader.readuntil(b"\r\n")
            self.hang_up()
        else:
            await super().smtp_DATA(arg)


def _certificate() -> ssl.SSLContext:
    """A context with a certificate of its own making, valid for a day."""
    folder = Path(mkdtemp(prefix="smtp-"))
    key, cert = folder / "key.pem", folder / "cert.pem"
    files = ["-keyout", str(key), "-out", str(cert)]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        *files,
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
