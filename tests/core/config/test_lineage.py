"""As what the milestones and stages of earlier versions go on: renamed again and again, merged,
taken back."""

from typing import Any

import pytest

from scheduler.core.config.lineage import MILESTONES, names_through, stages_of


def version(*items: str | tuple[str, ...]) -> dict[str, Any]:
    """A document whose milestones, and whose stages, are these: an id, or an id with those it
    replaces."""
    tables = [{"id": i} if isinstance(i, str) else {"id": i[0], "was": list(i[1:])} for i in items]
    return {"policy": {"milestones": tables, "pipelines": [{"id": "existing", "stages": tables}]}}


@pytest.mark.parametrize(
    ("versions", "names"),
    [
        ([version("a")], {}),
        ([version("a"), version(("b", "a"))], {"a": "b"}),
        ([version("a"), version(("b", "a")), version(("c", "b"))], {"a": "c", "b": "c"}),
        ([version("a"), version(("b", "a")), version("b")], {"a": "b"}),
        ([version("a", "b"), version(("c", "a", "b"))], {"a": "c", "b": "c"}),
        (
            [version("a", "b"), version(("c", "a", "b")), version(("d", "c"))],
            {"a": "d", "b": "d", "c": "d"},
        ),
        ([version("a"), version(("b", "a")), version("a")], {"b": "a"}),
        (
            [version("a"), version(("b", "a")), version(("c", "b")), version("a")],
            {"b": "a", "c": "a"},
        ),
        ([version("a"), version(("b", "a")), version("a"), version(("b", "a"))], {"a": "b"}),
        ([version("a", "b"), version(("c", "a", "b")), version("a", "b")], {"c": "a"}),
        ([version("a", "b"), version("b")], {}),
        ([version("a", "b"), version("b"), version("b", "a")], {}),
        ([version("a"), version(("b", "a")), version(("b", "a"), "a")], {}),
    ],
)
def test_every_earlier_name_leads_to_what_it_is_called_now(
    versions: list[dict[str, Any]], names: dict[str, str]
) -> None:
    found = names_through(versions)
    assert found.get(MILESTONES, {}) == names
    assert found.get(stages_of("existing"), {}) == names
