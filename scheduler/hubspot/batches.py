"""Batches, and halves of those that are refused."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things in lists of at most `size`."""
    waiting: list[T] = []
    for thing in things:
        waiting.append(thing)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def halves(things: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """Two halves of at least two."""
    middle = len(things) // 2
    return things[:middle], things[middle:]
