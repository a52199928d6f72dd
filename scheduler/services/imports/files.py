"""A file that was read, whatever it is about: what an import knows about it apart from its rows."""

from typing import Protocol


class ReadFile(Protocol):
    """A file that was read."""

    @property
    def file(self) -> str:
        """Its name."""

    @property
    def source(self) -> str:
        """The name its ids are kept under, or what kind of list it is."""

    @property
    def sha256(self) -> str:
        """Its digest."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """Its columns that nothing reads."""


class SourceFile(ReadFile, Protocol):
    """A file, and which fields it fills."""

    @property
    def present(self) -> frozenset[str]:
        """The fields it fills; others are left as they are."""

    @property
    def empty(self) -> frozenset[str]:
        """The fields whose columns are empty in the whole file."""
