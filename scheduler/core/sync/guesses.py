"""Which property of an account fills which field, as far as its name tells.

Always holds: a property is taken only where its name or label says exactly that and no other says
the same; whatever else could be meant is offered, and a person says which it is.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.core.imports.names import plain
from scheduler.core.sync.desired_values import TYPES
from scheduler.core.sync.fields import AUTO_RENEW, DAYS, DEFAULT_FIELDS, LENGTHS
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.labels import Label

_DAY = frozenset({PropertyType.DATE, PropertyType.DATETIME})
_LENGTH = frozenset({PropertyType.NUMBER, PropertyType.STRING, PropertyType.ENUMERATION})


def _names(text: str) -> frozenset[str]:
    return frozenset(map(plain, text.split("|")))


NAMED: Mapping[str, frozenset[str]] = {
    "ends_on": _names(
        "Contract end date|Contract end|Contract end on|Contract expiry|Contract expiry date|"
        "Contract expiration date|End of contract|Subscription end date|Renewal date|"
        "Contract renewal date|契約終了日|契約満了日|満了日|契約期限|契約更新日|更新日"
    ),
    "starts_on": _names(
        "Contract start date|Contract start|Subscription start date|契約開始日|利用開始日"
    ),
    "decide_by": _names("Notice deadline|Cancellation deadline|解約通知期限|解約期限"),
    "term": _names(
        "Contract term|Contract term (months)|Contract months|Contract length|Contract duration|"
        "契約期間|契約期間(月)|契約期間(ヶ月)|契約月数"
    ),
    "notice": _names(
        "Notice period|Notice period (months)|Notice months|Cancellation notice|解約予告|"
        "解約予告期間|解約予告期間(月)"
    ),
    "renewal_term": _names("Renewal term|Renewal term (months)|更新期間|更新後の契約期間"),
    "renewal_notice": _names("Renewal notice period|更新後の解約予告|更新後の解約予告期間"),
    AUTO_RENEW: _names("Auto renewal|Auto renew|Automatic renewal|自動更新"),
}
"""What a property that fills a field is called, in English and Japanese (`plain`)."""
_LIKE: Mapping[str, re.Pattern[str]] = {
    "ends_on": re.compile(r"end|expir|renew|terminat|until|満了|終了|期限|更新"),
    "starts_on": re.compile(r"start|begin|effective|commence|開始"),
    "decide_by": re.compile(r"notice|cancel|解約|予告"),
    "term": re.compile(r"term|months|duration|length|期間|月数"),
    "notice": re.compile(r"notice|予告|解約"),
    AUTO_RENEW: re.compile(r"auto.?renew|自動更新"),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """A property of the account that may fill a field. `labels`: what people call it, the reader's
    language first."""

    name: str
    labels: tuple[str, ...]
    kind: PropertyType

    @property
    def called(self) -> str:
        """What people call it."""
        return self.labels[0] if self.labels and self.labels[0] else self.name

    @property
    def shown(self) -> str:
        """Its name, with what people call it where that is something else."""
        return self.name if self.called == self.name else f"{self.name} ({self.called})"

    @property
    def spellings(self) -> frozenset[str]:
        """Everything it is called, to compare."""
        return frozenset(map(plain, (self.name, *self.labels)))


@dataclass(frozen=True, slots=True)
class FieldGuess:
    """What may fill a field: the property that plainly does, else those that could."""

    field: str
    taken: Offered | None = None
    candidates: tuple[Offered, ...] = ()


def kinds_of(field: str) -> frozenset[PropertyType]:
    """The types of property that a field can be read from."""
    if field in DAYS:
        return _DAY
    if field in LENGTHS:
        return _LENGTH
    return frozenset({PropertyType.BOOL}) if field == AUTO_RENEW else frozenset(PropertyType)


def guesses(offered: Iterable[Offered], filled: Collection[str] = ()) -> tuple[FieldGuess, ...]:
    """What fills the fields of a contract's term. `filled`: the properties in which values were
    seen; of several with a fitting name one that is filled is taken before those that are not."""
    free = [p for p in offered if p.name not in TYPES and p.name not in DEFAULT_FIELDS.values()]
    found = [_guess(field, free, filled) for field in NAMED]
    taken = {guess.taken.name for guess in found if guess.taken}
    return tuple(
        FieldGuess(
            guess.field,
            guess.taken,
            tuple(p for p in guess.candidates if p.name not in taken),
        )
        for guess in found
    )


def _guess(field: str, offered: Sequence[Offered], filled: Collection[str]) -> FieldGuess:
    """One field."""
    fitting = [p for p in offered if p.kind in kinds_of(field)]
    exact = [p for p in fitting if p.spellings & NAMED[field]]
    used = [p for p in exact if p.name in filled]
    chosen = used if len(used) == 1 else exact
    if len(chosen) == 1:
        return FieldGuess(field, chosen[0])
    like = _LIKE.get(field)
    near = [p for p in fitting if like and any(like.search(s) for s in p.spellings)]
    return FieldGuess(field, None, tuple(dict.fromkeys((*exact, *near))))


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that cannot be filled as the mapping says."""

    field: str
    property: str
    said: Label


def field_problems(
    fields: Mapping[str, str], there: Mapping[str, PropertyType]
) -> list[FieldProblem]:
    """The fields whose property the account does not have, or has in a type that cannot be read
    so. Nothing is said of linked records whose properties are not known."""
    found = []
    listed = {name.partition("/")[0] for name in there if "/" in name}
    for field, name in fields.items():
        if "/" in name and name.partition("/")[0] not in listed:
            continue  # the list of their properties may not be read
        if name not in there:
            said = Label(
                "HubSpot has no property {name}, which fills {field}; correct [hubspot.fields]",
                name=name,
                field=field,
            )
        elif there[name] not in kinds_of(field):
            said = Label(
                "HubSpot's property {name} is of type {kind}, from which {field} cannot be read; "
                "name another one in [hubspot.fields]",
                name=name,
                kind=there[name].value,
                field=field,
            )
        else:
            continue
        found.append(FieldProblem(field, name, said))
    return found
