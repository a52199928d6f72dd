"""Contracts that occur twice in a file, told apart without holding the file's keys in memory.

The first pass marks every key in a bit field of fixed size; a key whose bits were all set already *may* have been seen and is remembered with the
last line it stood on. Only those few are then followed exactly in the second pass. Always holds: a repeated contract is never missed; memory
is 4 MB and the suspects, whatever the file's length.
"""

from dataclasses import dataclass, field, replace

from scheduler.core.import_texts import Problem, Reject
from scheduler.core.importing import ContractRecord

_BITS = 1 << 25
_MASK = _BITS - 1


@dataclass(slots=True)
class Repeats:
    """What the first pass found. `rule`: refuse (the later ones are rejected), first, last (only that one counts), suffix (all come in)."""

    rule: str
    bits: bytearray = field(default_factory=lambda: bytearray(_BITS >> 3), repr=False)
    last_line: dict[str, int] = field(default_factory=dict)

    def look(self, line: int, key: str) -> None:
        """Takes one key of the first pass."""
        number, bits = hash(key), self.bits
        a, b = number & _MASK, (number >> 27) & _MASK
        in_a, in_b = 1 << (a & 7), 1 << (b & 7)
        if bits[a >> 3] & in_a and bits[b >> 3] & in_b:
            self.last_line[key] = line
        else:
            bits[a >> 3] |= in_a
            bits[b >> 3] |= in_b

    def fresh(self) -> "Seen":
        """What follows the suspects through one reading of the file."""
        return Seen(self)


@dataclass(slots=True)
class Seen:
    """The suspects met so far, with the line and count of each."""

    repeats: Repeats
    first: dict[str, int] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def judge(self, record: ContractRecord | Reject) -> ContractRecord | Reject | None:
        """The record, a reject or None (left out), as the rule says. Rejected rows do not count as seen."""
        if isinstance(record, Reject) or record.source_id not in self.repeats.last_line:
            return record
        key, rule = record.source_id, self.repeats.rule
        if rule == "last":
            return record if record.line == self.repeats.last_line[key] else None
        first = self.first.setdefault(key, record.line)
        self.count[key] = self.count.get(key, 0) + 1
        if first == record.line:
            return record
        if rule == "suffix":
            return replace(record, source_id=f"{key}/{self.count[key]}")
        return None if rule == "first" else Reject(record.line, "", key, Problem.of("duplicate", first=first))
