"""Contracts that occur twice in a file, told apart without holding the file's keys in memory.

The first pass marks every key in a bit field of fixed size; a key whose bits were all set already
*may* have been seen and is remembered with the last line it stood on. Only those few are then
followed exactly in the second pass. Always holds: a repeated contract is never missed; the order of
its rows decides nothing (unless `duplicates` says first or last); memory is 4 MB and the suspects,
whatever the file's length.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import LeftOut, RecordProblem, Reject

_BITS = 1 << 25
_MASK = _BITS - 1


@dataclass(slots=True)
class RepeatedRows:
    """What the first pass found. `rule`: refuse (all of them are rejected), first, last (only that
    one counts), suffix (all come in)."""

    rule: str
    bits: bytearray = field(default_factory=lambda: bytearray(_BITS >> 3), repr=False)
    last_line: dict[str, int] = field(default_factory=dict)
    times: dict[str, int] | None = None

    def count(self, keys: Iterable[str]) -> None:
        """How often each suspect occurs: needed where a file is read in two goes, each of which
        sees only some of the rows."""
        self.times = dict.fromkeys(self.last_line, 0)
        for key in keys:
            if key in self.times:
                self.times[key] += 1

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

    def fresh(self) -> "RepeatSuspects":
        """What follows the suspects through one reading of the file."""
        return RepeatSuspects(self)


@dataclass(slots=True)
class RepeatSuspects:
    """The suspects met so far, with the line each stood on first. `twins` are the doubled rows that
    come in together, after all others."""

    repeats: RepeatedRows
    first: dict[str, int] = field(default_factory=dict)
    twins: list[ContractRecord] = field(default_factory=list)

    def judge(self, record: ContractRecord | Reject) -> ContractRecord | Reject | LeftOut | None:
        """The record, a reject or one left out, as the rule says; None for one that waits among the
        twins."""
        rule = self.repeats.rule
        if isinstance(record, Reject):
            return record
        last = self.repeats.last_line.get(record.source_id)
        if last is None:
            return replace(record, doubled=True) if rule == "suffix" else record
        first = self.first.setdefault(record.source_id, record.line)
        if rule == "last":
            return record if record.line == last else LeftOut(record.line, record.source_id)
        if self._alone(record.source_id, first, last) or (rule == "first" and record.line == first):
            return replace(record, doubled=True) if rule == "suffix" else record
        if rule == "first":
            return LeftOut(record.line, record.source_id)
        if rule == "suffix":
            self.twins.append(replace(record, doubled=True))
            return None
        other = last if record.line == first else first
        return Reject(
            record.line,
            "",
            record.number,
            RecordProblem.of("duplicate", first=other),
            record.source_id,
        )

    def _alone(self, key: str, first: int, last: int) -> bool:
        """Whether a suspect occurs only once after all."""
        return first == last if self.repeats.times is None else self.repeats.times[key] == 1

    def held(self) -> list[ContractRecord]:
        """The twins, those of one id together, in an order that does not depend on their place in
        the file."""
        return sorted(
            self.twins,
            key=lambda r: (
                r.source_id,
                r.product,
                r.title,
                str(r.starts_on),
                str(r.ends_on),
                r.row_hash,
            ),
        )
