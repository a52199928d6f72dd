"""Ids used twice, and old ids replaced twice."""

from scheduler.core.config.rules.ids import replaced_twice, same_ids


def test_every_later_use_of_an_id_is_told() -> None:
    assert [place for place, _ in same_ids(("milestones",), ["a", "b", "a", "a"])] == [
        ("milestones", 2, "id"),
        ("milestones", 3, "id"),
    ]


def test_an_old_id_is_replaced_in_one_place_and_is_gone() -> None:
    items = [("a", ["x", "b"]), ("b", ["x"]), ("c", ["c", "y", "y"])]
    found = [(place, label.en) for place, label in replaced_twice((), items)]
    assert found == [
        ((0, "was", 1), '"b" is still in use; `was` may only name ids that no longer exist'),
        ((1, "was", 0), '"x" is replaced twice; name it in one place only'),
        ((2, "was", 0), '"c" is still in use; `was` may only name ids that no longer exist'),
        ((2, "was", 2), '"y" is replaced twice; name it in one place only'),
    ]


def test_chains_of_replaced_ids_are_accepted() -> None:
    assert list(replaced_twice((), [("a", ["a1", "a2"]), ("b", ["b1"])])) == []
