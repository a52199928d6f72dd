"""Which contracts of a source its next file no longer mentions: deleted there, or lost by a filter.
They are listed, closed or kept.

Always holds: a contract whose row was rejected or left out counts as mentioned; memory is one bit a
contract. Closing requires a file that has most of them: with only a part of the export, `--gone
close` would close everything else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scheduler.core.deal.deal import Lost
from scheduler.core.deal.pipeline import move
from scheduler.core.imports.texts import ImportRefusedError, RecordProblem
from scheduler.core.words.reasons import reason
from scheduler.services.imports.choices import MissingContracts
from scheduler.services.imports.import_report import Listed
from scheduler.services.imports.one_import import Import
from scheduler.services.imports.store import Closing, OpenContract

_AT_A_TIME = 200


@dataclass(slots=True)
class ContractsSeen:
    """The contracts that a file mentions, as bits by their row's id."""

    bits: bytearray = field(default_factory=bytearray)

    def saw(self, contract_ids: Iterable[int]) -> None:
        """Takes some."""
        for number in contract_ids:
            if number >> 3 >= len(self.bits):
                self.bits.extend(bytes((number >> 3) - len(self.bits) + 1024))
            self.bits[number >> 3] |= 1 << (number & 7)

    def has(self, contract_id: int) -> bool:
        """Whether the file mentioned this contract."""
        return contract_id >> 3 < len(self.bits) and bool(
            self.bits[contract_id >> 3] & (1 << (contract_id & 7))
        )

    def known(self, before: int) -> int:
        """How many contracts with an id below `before` the file mentions."""
        whole = before >> 3
        return int.from_bytes(self.bits[:whole], "little").bit_count() + sum(
            self.has(contract_id) for contract_id in range(whole << 3, before)
        )

    def missing(self, standing: Iterable[OpenContract]) -> Iterator[OpenContract]:
        """The open contracts that the file does not mention."""
        for contract in standing:
            if not self.mentions(contract):
                yield contract

    def mentions(self, contract: OpenContract) -> bool:
        """Whether the file mentions the contract by itself or, for a term that the program opened,
        by the term before."""
        before = contract.predecessor_id if contract.system_made else None
        return self.has(contract.contract_id) or (before is not None and self.has(before))


def deal_with_missing(
    of: Import, present: ContractsSeen, gone: MissingContracts, before: int
) -> None:
    """Lists or closes what is missing; `before` is the first id that this import gave. Raises
    ImportRefusedError where closing would close most."""
    _list_returned(of, present, before)
    if gone is MissingContracts.KEEP:
        return
    with of.transaction.looking():
        standing = of.transaction.standing(of.source, before, of.now.date())
    missing = list(present.missing(standing))
    of.report.missing = _listed(missing)
    if gone is MissingContracts.CLOSE and missing:
        every = len(missing) + present.known(before)
        if len(missing) * 2 > every and len(missing) > 1:
            raise ImportRefusedError(
                RecordProblem.of("gone_most", file=of.file, missing=len(missing), all=every)
            )
        _close(of, missing)


def _list_returned(of: Import, present: ContractsSeen, before: int) -> None:
    """Lists what was closed because a file lacked it and is in this one again: only a person knows
    whether the loss was the file's or the customer's."""
    with of.transaction.looking():
        closed = of.transaction.closed_as_gone(of.source, before)
    of.report.returned = _listed([c for c in closed if present.mentions(c)])


def _listed(missing: list[OpenContract]) -> Listed:
    """The missing ones, as the report names them."""
    listed = Listed()
    for contract in missing:
        listed = listed.plus(
            f"{contract.number} {contract.customer} {contract.ends_on or ''}".rstrip()
        )
    return listed


def _close(of: Import, missing: list[OpenContract]) -> None:
    """Closes the deals of missing contracts as lost; undoing the import opens them again."""
    for at in range(0, len(missing), _AT_A_TIME):
        with of.transaction.part():
            _close_some(of, [c.contract_id for c in missing[at : at + _AT_A_TIME]])


def _close_some(of: Import, missing: Sequence[int]) -> None:
    """Closes those that are still open: somebody may have answered since."""
    closings = []
    for deal in of.transaction.stored(missing).values():
        if deal.closed:
            continue
        pipeline = of.policy.pipeline(deal.pipeline)
        passage = move(
            pipeline, deal.stage, pipeline.lost.id, of.actor, reason("import_gone"), of.now
        )
        closings.append(Closing(deal, passage, lost=Lost("other", note=of.file)))
    of.transaction.close(closings, of.now)
    of.report.closed += len(closings)
