"""The queries of the pages behind links, and the secret that signs them.

Always holds: pages are read without a lock; the secret is generated once for a database, by
whichever machine comes first.
"""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.rules.routing import Destination
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import Language
from scheduler.services.answers.linked import LinkedNudge, LinkedStore
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.answers.worklist import PaceRows
from scheduler.storage.database.deals import DEALS, NUDGES, PEOPLE, load_deals, load_people
from scheduler.storage.database.engine import looking, transaction, upsert
from scheduler.storage.database.meta import META, get_fact
from scheduler.storage.delivery.forming import MESSAGES, insert_message

FRESH_LINK = "fresh_link"
_SECRET, _MOVED, _KEY_FINGERPRINT = "link_secret", "link_secret_moved_at", "link_key_mark"


class LinkedRows(PaceRows, LinkedStore):
    """The storage behind the pages of links, and the key that signs links."""

    def kept_secret(self) -> str | None:
        """The secret that is kept in the database, if there is one."""
        with looking(self._reading) as connection:
            return connection.scalar(select(META.c.value).where(META.c.key == _SECRET))

    def forget_secret(self) -> None:
        """Takes the secret out of the database, once it is kept elsewhere: backups of the database
        then sign nothing."""
        with transaction(self._engine) as connection:
            connection.execute(delete(META).where(META.c.key == _SECRET))

    def secret(self) -> str:
        """The secret that signs links where none is configured and machines share a database; made
        at the first call."""
        with transaction(self._engine) as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(
                insert(META).values(key=_SECRET, value=token_urlsafe(32)).on_conflict_do_nothing()
            )
            return str(
                connection.execute(select(META.c.value).where(META.c.key == _SECRET)).scalar_one()
            )

    def moved_since(self, now: datetime) -> datetime:
        """The time when the first machine took the key over from the database."""
        return datetime.fromisoformat(self._first(_MOVED, now.isoformat()))

    def key_fingerprint(self, mark: str) -> str:
        """The mark that tells the key from others: the first call that names one sets it for all
        machines."""
        return self._first(_KEY_FINGERPRINT, mark)

    def _first(self, key: str, value: str) -> str:
        """A fact that is set by the first to name it, and then holds for all."""
        with transaction(self._engine) as connection:
            if get_fact(connection, key, locked=True) is None and value:
                new = upsert(connection, META).values(key=key, value=value)
                connection.execute(new.on_conflict_do_nothing(index_elements=[META.c.key]))
            return get_fact(connection, key) or ""

    @override
    def look(self, nudge: str) -> LinkedNudge | None:
        query = (
            select(DEALS.c.id)
            .join(NUDGES, NUDGES.c.deal_id == DEALS.c.id)
            .where(NUDGES.c.key == nudge, DEALS.c.voided_at.is_(None))
        )
        with looking(self._reading) as connection:
            deal = next(iter(load_deals(connection, list(connection.scalars(query)))), None)
            if deal is None:
                return None
            return LinkedNudge(
                next(n for n in deal.nudges if n.key == nudge),
                deal,
                AnswerQueries(connection).last_act([deal]),
            )

    @override
    def deal(self, key: str) -> Deal | None:
        query = select(DEALS.c.id).where(DEALS.c.key == key, DEALS.c.voided_at.is_(None))
        with looking(self._reading) as connection:
            return next(iter(load_deals(connection, list(connection.scalars(query)))), None)

    @override
    def linked_person(self, person_id: int) -> Person | None:
        with looking(self._reading) as connection:
            return load_people(connection, [person_id]).get(person_id)

    @override
    def queue_fresh(
        self,
        person: Person,
        destination: Destination,
        language: Language,
        facts: Mapping[str, Any],
        since: datetime,
        now: datetime,
    ) -> bool:
        with transaction(self._engine) as connection:
            asking = select(PEOPLE.c.id).where(PEOPLE.c.id == person.id)
            connection.execute(
                asking.with_for_update() if connection.dialect.name == "postgresql" else asking
            )
            sent = select(MESSAGES.c.id).where(
                MESSAGES.c.kind == FRESH_LINK,
                MESSAGES.c.person_id == person.id,
                MESSAGES.c.created_at > since,
            )
            if connection.scalar(sent.limit(1)) is not None:
                return False
            values = {
                "key": stable_key(FRESH_LINK, person.id, now.isoformat()),
                "kind": FRESH_LINK,
                "recipient": f"person:{person.id}",
                "person_id": person.id,
                "channel": destination[0].value,
                "address": destination[1],
                "language": language.value,
                "facts": dict(facts),
            }
            insert_message(connection, values, now)
            return True
