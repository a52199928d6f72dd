"""The key with which an installation signs its links where `LINK_SECRET` names none: a file of its
own, never the database.

Always holds: a backup of the database signs nothing; what an earlier version kept in the database
still opens what it signed; of several machines on one database either all sign with the same key,
or it is said.
"""

import os
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.system.environment import own_key

if TYPE_CHECKING:
    from scheduler.storage.answers.linked import LinkedRows

LINK_KEY = "link.key"
MOVING = timedelta(days=30)
"""How long a PostgreSQL database goes on keeping the key of an earlier version, so that every
machine takes it over."""


def own_secrets(
    store: "LinkedRows", file: Path, now: datetime, *, shared: bool, make: bool
) -> tuple[str, ...]:
    """The keys of this installation, the one that signs first; made where there is none and `make`
    says so. `shared`: several machines may use the database. Raises UserMustActError where they do
    not sign alike, or no key can be kept."""
    kept = store.kept_secret()
    if not (make or kept or file.is_file()):
        return ()
    if shared:
        return _of_many(store, file, kept, now, make=make)
    key = own_key(file, lambda: kept or token_urlsafe(32))
    if key is not None and kept is not None:
        store.forget_secret()
    return tuple(dict.fromkeys(secret for secret in (key or store.secret(), kept) if secret))


def _of_many(
    store: "LinkedRows", file: Path, kept: str | None, now: datetime, *, make: bool
) -> tuple[str, ...]:
    """The keys where several machines share the database, each with a key file of its own."""
    mark = store.key_fingerprint(_fingerprint(kept)) if kept else store.key_fingerprint("")
    if mark and not kept and make and not file.is_file():
        raise _of_another(file)
    key = own_key(file, lambda: kept or token_urlsafe(32))
    if key is None:
        wrong = not_to_be_kept(file)
        raise UserMustActError(wrong)
    if kept is not None and now - store.moved_since(now) > MOVING:
        store.forget_secret()
    if make and store.key_fingerprint(_fingerprint(key)) != _fingerprint(key):
        raise _of_another(file)
    return tuple(dict.fromkeys(secret for secret in (key, kept) if secret))


def can_be_kept(file: Path) -> bool:
    """Whether there is a key, or one can be made. Nothing is made."""
    folder = next(folder for folder in file.absolute().parents if folder.exists())
    return file.is_file() or (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK))


def not_to_be_kept(file: Path) -> Label:
    """What to do where there is no place for a key: a folder that is mounted read-only."""
    return Label(
        (
            "the key that signs links cannot be kept in {file}; set LINK_SECRET (24 random "
            "characters or more)"
        ),
        file=file,
    )


def _fingerprint(key: str) -> str:
    """A digest by which keys are told apart without showing them."""
    return sha256(f"renewals link key {key}".encode()).hexdigest()[:16]


def _of_another(file: Path) -> UserMustActError:
    """Another machine signs with another key."""
    return UserMustActError(
        (
            "another machine on this database signs links with another key: set LINK_SECRET to "
            "the same value on all of them, or copy that machine's {file_name} to {file}"
        ),
        file_name=file.name,
        file=file,
    )
