"""The links in mails: signed, expiring, each naming one person, one nudge and one answer; and the
link back from a deal's record elsewhere, signed, which names the deal alone and shows it.

Always holds: a link says who may act and on what, never what happens; a token that differs in a
single character from one that was signed is refused; the first secret signs, all of them are
accepted, so that secrets can be changed without breaking the links that are out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from itsdangerous import (
    BadData,
    SignatureExpired,
    TimestampSigner,
    URLSafeSerializer,
    URLSafeTimedSerializer,
)
from itsdangerous.encoding import base64_decode, base64_encode
from typing_extensions import override

from scheduler.core.words.errors import UserMustActError
from scheduler.ports import Clock, Links

ANSWERS_LAST = timedelta(days=30)
WISHES_LAST = timedelta(days=400)
"""How long a link to change how often one hears works: mail programs show it as long as they keep
the mail."""

ANSWER, UNDO, LESS = "answer", "undo", "less"
_MOST_ID, _LONGEST = 2**31 - 1, 200
_SIGNED = {"digest_method": sha256, "key_derivation": "hmac"}
_LEAST_LENGTH, _LEAST_VARIETY = 24, 10
_PATHS = {ANSWER: "a", UNDO: "u", LESS: "less"}


@dataclass(frozen=True, slots=True)
class Link:
    """What a link names. `what` is the offer's id, or the number of the answer to undo; `nudge` is
    empty where it is about the person alone."""

    person_id: int
    nudge: str = ""
    what: str = ""


class ForgedLinkError(Exception):
    """A token that nobody here signed, or that was changed on its way."""


class ExpiredLinkError(Exception):
    """A genuine link whose time is over; `link` says what it named."""

    def __init__(self, link: Link) -> None:
        super().__init__("expired")
        self.link = link


def secrets_of(text: str) -> tuple[str, ...]:
    """The secrets in `LINK_SECRET`, separated by commas; the first one signs.

    >>> secrets_of("new, old,")
    ('new', 'old')
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


class SignedLinks(Links):
    """scheduler.ports.Links. `base_url` is where people reach this program's pages (it may have a
    path), `secrets` the newest first."""

    def __init__(
        self,
        base_url: str,
        secrets: Sequence[str],
        clock: Clock,
        answers_last: timedelta = ANSWERS_LAST,
    ) -> None:
        if not secrets:
            raise ValueError("links need a secret")
        self._base = base_url.rstrip("/")
        self._lasts = {ANSWER: answers_last, UNDO: answers_last, LESS: WISHES_LAST}
        self._signers = {use: _serializer(use, secrets, clock) for use in _PATHS}
        self._deals = URLSafeSerializer(
            [secret.encode() for secret in reversed(secrets)],
            salt="renewals.deal",
            signer_kwargs=_SIGNED,
        )

    @override
    def answers(self, person_id: int, nudge: str, offers: Iterable[str]) -> Mapping[str, str]:
        """Where `person_id` answers `nudge`, by offer."""
        return {offer: self._url(ANSWER, Link(person_id, nudge, offer)) for offer in offers}

    @override
    def less(self, person_id: int) -> str:
        return self._url(LESS, Link(person_id))

    def deal(self, key: str) -> str:
        """Where the deal with this key is seen: the same address at every call, since it is kept
        where others look, and without end."""
        return f"{self._base}/d/{self._deals.dumps(key)!s}"

    def deal_of(self, token: str) -> str:
        """The key of the deal that a token names. Raises ForgedLinkError."""
        try:
            key = self._deals.loads(token) if _is_canonical(token) else None
        except (BadData, RecursionError):
            raise ForgedLinkError from None
        if not isinstance(key, str):
            raise ForgedLinkError
        return key

    def token(self, use: str, link: Link) -> str:
        """The signed token that stands for `link` (`use` is ANSWER, UNDO or LESS)."""
        return str(self._signers[use].dumps([link.person_id, link.nudge, link.what]))

    def read(self, use: str, token: str) -> Link:
        """What a token names. Raises ForgedLinkError, ExpiredLinkError."""
        if not _is_canonical(token):
            raise ForgedLinkError
        try:
            return _link(
                self._signers[use].loads(token, max_age=int(self._lasts[use].total_seconds()))
            )
        except SignatureExpired as error:
            raise ExpiredLinkError(
                _link(self._signers[use].load_payload(error.payload or b""))
            ) from None
        except (BadData, RecursionError, OverflowError):
            raise ForgedLinkError from None

    def _url(self, use: str, link: Link) -> str:
        """The address of a token."""
        return f"{self._base}/{_PATHS[use]}/{self.token(use, link)}"


def _serializer(use: str, secrets: Sequence[str], clock: Clock) -> URLSafeTimedSerializer:
    """Signs for one use: a token made for another is not accepted. The library signs with the last
    secret it is given."""

    class Signer(TimestampSigner):
        """The library's, told the time."""

        def get_timestamp(self) -> int:
            """Seconds since 1970."""
            return int(clock.now().timestamp())

    keys = [secret.encode() for secret in reversed(secrets)]
    return URLSafeTimedSerializer(
        keys,
        salt=f"renewals.{use}",
        signer=Signer,
        signer_kwargs=_SIGNED,
    )


def _is_canonical(token: str) -> bool:
    """Whether the token is spelled as it was made: base64 leaves bits unused, and its decoder
    passes over strange characters."""
    try:
        return token.isascii() and all(
            base64_encode(base64_decode(part)).decode() == part for part in token.split(".") if part
        )
    except BadData:
        return False


def refuse_weak_secrets(text: str) -> None:
    """Raises UserMustActError where a secret in `LINK_SECRET` could be guessed."""
    if weak_secrets(text):
        raise UserMustActError(
            "LINK_SECRET is so short or simple that links could be forged; use 24 random "
            "characters or more, e.g. what this prints: python3 -c 'import secrets; "
            "print(secrets.token_urlsafe(32))'"
        )


def _link(payload: Any) -> Link:
    """What was signed. Raises ForgedLinkError for anything that this program never signs: another
    one may share the secret."""
    match payload:
        case [int(person_id), str(nudge), str(what)] if (
            not isinstance(person_id, bool) and 0 < person_id <= _MOST_ID
        ):
            if (
                len(nudge) <= _LONGEST
                and len(what) <= _LONGEST
                and (nudge + what).isascii()
                and (nudge + what + "x").isprintable()
            ):
                return Link(person_id, nudge, what)
    raise ForgedLinkError


def weak_secrets(text: str) -> int:
    """How many of the secrets in `LINK_SECRET` could be guessed: fewer than 24 characters, or fewer
    than 10 different ones.

    24 random letters and digits are 142 bits; whoever has one mail can try words at home (OWASP
    ASVS 5.0, 11.2.3 asks for 128).

    >>> weak_secrets("secret,mV1x9QeT7uZk2Rb8WcY4hNpL6sJd3fGa"), weak_secrets("")
    (1, 0)
    """
    return sum(
        len(secret) < _LEAST_LENGTH or len(set(secret)) < _LEAST_VARIETY
        for secret in secrets_of(text)
    )
