"""The texts below the fields of a class."""

from scheduler.system.docstrings import field_docstrings


class Base:
    """Fields with and without a text."""

    told: int = 1
    """What it is,
    in two lines."""
    silent: int = 2
    assigned = 3
    """Not a field: it has no type."""


class Heir(Base):
    """One field more."""

    more: str = ""
    """Its own."""


def test_a_text_belongs_to_the_field_above_it() -> None:
    assert field_docstrings(Base) == {"told": "What it is,\nin two lines."}


def test_inherited_fields_are_left_to_the_class_that_has_them() -> None:
    assert field_docstrings(Heir) == {"more": "Its own."}
