"""Permanent ids: each is used once, and each replaced id is replaced once.

Always holds: a mistake points at the later of two places, which was probably added last.
"""

from collections.abc import Iterator, Sequence

from scheduler.core.config.mistakes import Found, Place
from scheduler.core.words.labels import Label


def same_ids(place: Place, ids: Sequence[str]) -> Iterator[Found]:
    """Ids that occur earlier in the same list."""
    for number, id in enumerate(ids):
        if id in ids[:number]:
            yield (
                (*place, number, "id"),
                Label('the id "{id}" is used twice; give this one a different id', id=id),
            )


def replaced_twice(place: Place, items: Sequence[tuple[str, Sequence[str]]]) -> Iterator[Found]:
    """Old ids (`was`) that are still in use, or that another item replaces too."""
    live = {id for id, _ in items}
    taken: set[str] = set()
    for number, (_, was) in enumerate(items):
        for index, old in enumerate(was):
            if old in live:
                yield (
                    (*place, number, "was", index),
                    Label(
                        '"{value}" is still in use; `was` may only name ids that no longer exist',
                        value=old,
                    ),
                )
            elif old in taken:
                yield (
                    (*place, number, "was", index),
                    Label('"{value}" is replaced twice; name it in one place only', value=old),
                )
            taken.add(old)
