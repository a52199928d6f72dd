"""Conditions on facts: the value of one line of `where` in `config.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Fact = str | int | bool | None


class Operator(StrEnum):
    """How a condition compares a deal's value with the configured one."""

    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of `where`: a field of the deal, a comparison and the allowed values (one value for
    `<` and the like)."""

    field: str
    op: Operator
    values: tuple[str | int | bool, ...]

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        """Whether the condition holds for `facts`; a missing fact satisfies only `not_in`."""
        value = facts.get(self.field)
        if self.op is Operator.IN:
            return value is not None and value in self.values
        if self.op is Operator.NOT_IN:
            return value not in self.values
        bound = self.values[0]
        if not isinstance(value, int) or not isinstance(bound, int):
            return False
        return {
            Operator.AT_LEAST: value >= bound,
            Operator.AT_MOST: value <= bound,
            Operator.ABOVE: value > bound,
            Operator.BELOW: value < bound,
        }[self.op]

    def __str__(self) -> str:
        return f"{self.field} {self.op} {', '.join(str(v) for v in self.values)}"
