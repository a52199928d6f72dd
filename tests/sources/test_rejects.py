"""The file of rejected rows has its name before anything is read."""

from pathlib import Path

import pytest

from scheduler.core.words.lexicon import Language
from scheduler.sources.rejects import RejectsFile


@pytest.mark.parametrize("given", [".", "..", "/", "list.csv"])
def test_any_name_that_a_command_is_given_has_one(given: str) -> None:
    with RejectsFile(Path(given), Language.EN) as rejects:
        assert rejects.path.name.endswith(".rejects.csv")
    assert not rejects.path.exists()
