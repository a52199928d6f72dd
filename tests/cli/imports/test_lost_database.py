"""An import whose database is lost while the file comes in says what becomes of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from scheduler.ports import StoreUnavailableError
from tests.cli.office import Office

FILES = {
    "contracts": (
        ("import",),
        "contract,customer,starts on,ends on,owner\nC-9,New Ltd,2026-04-01,2027-03-31,ann@example.com\n",
    ),
    "people": (("import", "--people"), "name,email\nEve Young,eve@example.com\n"),
    "signals": (("signals", "import"), "contract,name,value,time\nC-1,logins,42,2026-12-28\n"),
}


@pytest.fixture
def lost() -> Iterator[None]:
    """The database is away as soon as an import begins."""

    def fails(_: object, __: object, statement: str, *more: Any) -> None:
        if "INSERT INTO imports" in statement:
            raise StoreUnavailableError("the connection was lost", passing=True)

    event.listen(Engine, "before_cursor_execute", fails)
    yield
    event.remove(Engine, "before_cursor_execute", fails)


@pytest.mark.usefixtures("lost")
@pytest.mark.parametrize("kind", FILES)
def test_it_says_that_the_file_did_not_come_in_and_may_be_imported_again(
    office: Office, kind: str
) -> None:
    words, rows = FILES[kind]
    file = office.folder / f"{kind}-new.csv"
    file.write_text(rows, "utf-8")
    code, out, err = office.run(*words, str(file))
    assert (code, out) == (1, ""), err
    assert err.strip().splitlines()[-1] == (
        f"the connection was lost; {kind}-new.csv did not come in, and what was written of it is "
        "taken back by itself: import it again"
    )
