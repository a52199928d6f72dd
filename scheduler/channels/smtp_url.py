"""SMTP_URL: which mail server, how encrypted, as whom.

smtp://mail.example.com                                         unencrypted unless the server offers
                                                                STARTTLS
smtp://user:password@mail.example.com:587?starttls=required     the default for a server that wants
                                                                a password
smtps://user:password@mail.example.com                          encrypted from the first byte
?verify=off                                                     accepts any certificate (a relay of
                                                                one's own)
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from scheduler.core.config.addresses import is_this_machine
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import Label

_DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
_EXAMPLES = (
    '"smtp://user:password@mail.example.com:587?starttls=required"',
    '"smtps://user:password@mail.example.com"',
)


class SmtpUrlError(LabelledError, ValueError):
    """SMTP_URL cannot be used; `label` says why and gives an example, never the password."""

    def __init__(self, wrong: str, /, **facts: Any) -> None:
        one, other = _EXAMPLES
        super().__init__(
            "{wrong}; write e.g. {one} or {other}",
            wrong=Label(wrong, **facts),
            one=one,
            other=other,
        )


class StartTls(StrEnum):
    """Whether a plain connection is encrypted: it must be, if the server offers it, or never."""

    REQUIRED = "required"
    AUTO = "auto"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over. `implicit` TLS from the first byte (smtps)."""

    host: str
    port: int
    implicit: bool = False
    starttls: StartTls = StartTls.AUTO
    user: str = ""
    password: str = ""
    verify: bool = True

    @property
    def loopback(self) -> bool:
        """Whether it runs on this machine."""
        return is_this_machine(self.host)

    @classmethod
    def parse(cls, url: str) -> "Server":
        """From SMTP_URL. With a user, STARTTLS is required unless the server is on this machine or
        the URL says otherwise.

        Raises SmtpUrlError.

        >>> Server.parse("smtp://ann:p%40ss@mail.example.com:587").starttls
        <StartTls.REQUIRED: 'required'>
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SmtpUrlError("SMTP_URL is not an address") from None
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise SmtpUrlError("SMTP_URL must begin with smtp:// or smtps:// and name a host")
        options = {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        unknown = set(options) - {"starttls", "verify"}
        if unknown or options.get("verify", "on") not in ("on", "off"):
            raise SmtpUrlError(
                "SMTP_URL has options other than starttls=required|auto|off and verify=on|off"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise SmtpUrlError("SMTP_URL needs both a user and a password, or neither")
        careful = (
            StartTls.REQUIRED if user and not is_this_machine(parts.hostname) else StartTls.AUTO
        )
        starttls = _starttls(options.get("starttls", careful.value))
        at = (parts.hostname, port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "smtps")
        server = cls(*at, starttls, user, password, options.get("verify") != "off")
        if user and starttls is StartTls.OFF and not server.implicit and not server.loopback:
            raise SmtpUrlError(
                "SMTP_URL would send the password unencrypted; leave starttls=off out, or use "
                "smtps://"
            )
        return server

    def clean(self, text: str) -> str:
        """What a server said, without the password, plain or as AUTH sends it. A short one is taken
        out only where it stands as a word of its own, because it is part of many others.

        >>> Server("mail.example.com", 587, user="ann", password="p").clean("no port; p is wrong")
        'no port; *** is wrong'
        """
        if not self.password:
            return text
        coded = (
            b64encode(w.encode()).decode()
            for w in (self.password, f"\0{self.user}\0{self.password}")
        )
        for secret in (self.password, *coded):
            text = re.sub(_found_as(secret), "***", text)
        return text


_SHORT = 6
"""How many characters a secret has that is not taken for a part of other words."""


def _found_as(secret: str) -> str:
    """The pattern by which a secret is found in a text."""
    plain = re.escape(secret)
    return plain if len(secret) >= _SHORT else rf"(?<![A-Za-z0-9]){plain}(?![A-Za-z0-9])"


def _starttls(word: str) -> StartTls:
    """The word of the URL's option."""
    try:
        return StartTls(word)
    except ValueError:
        raise SmtpUrlError("SMTP_URL: starttls is required, auto or off") from None
