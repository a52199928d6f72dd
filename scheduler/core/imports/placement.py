"""Where the stages of other systems go."""

from dataclasses import dataclass

EXISTING, NEW_BUSINESS = "existing", "new_business"
UNKNOWN_PROGRESS = "?"
"""`Placement.passed` where nobody knows how far a lost deal had come."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a stage of another system goes.

    An empty `stage` is chosen by the contract's dates (`first_stage`). `passed` is the furthest
    stage a lost deal is known to have been in (`UNKNOWN_PROGRESS`, or empty for none). `otherwise`
    applies instead while the customer has no contract. `skip`: such rows are left out. `bought`: a
    won deal, whose contract is followed from now on. `due`: a renewal under way, whose close date
    is the day it is due.
    """

    pipeline: str
    stage: str = ""
    passed: str = ""
    otherwise: "Placement | None" = None
    skip: bool = False
    bought: bool = False
    due: bool = False

    @property
    def by_contract(self) -> bool:
        """Whether the placement depends on the customer having a contract."""
        return self.otherwise is not None
