"""What numbers count in a column of lengths of time that does not say its unit.

Always holds: 90 is never taken for ninety months of notice. Where every number of the column may be
months they are; where one may not, the whole column is asked about, so that the 10 beside a 90 is
not read in another unit.
"""

from dataclasses import dataclass

from scheduler.core.imports.texts import RecordProblem
from scheduler.core.imports.typed import MOST_MONTHS, bare_number


@dataclass(slots=True)
class LengthColumn:
    """What one column has left open so far: its largest number without a unit."""

    column: str
    fills: str
    largest: int = 0

    def read(self, text: str) -> None:
        """Takes one cell."""
        number = bare_number(text)
        if number is not None and number > self.largest:
            self.largest = number

    @property
    def is_open(self) -> bool:
        """Whether its largest number is too large to be months."""
        return self.largest > MOST_MONTHS[self.fills]

    def question(self, file: str) -> RecordProblem | None:
        """What to ask the user; None where nothing is open."""
        told = {"column": self.column, "field": self.fills, "number": self.largest}
        return (
            RecordProblem.of("ambiguous_lengths", file=file, example=self.largest, **told)
            if self.is_open
            else None
        )
