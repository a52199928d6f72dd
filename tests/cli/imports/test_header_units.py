"""What an import says of amounts that it multiplied because of their column's name."""

import pytest

from tests.cli.office import Office


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "amounts are multiplied by 1,000, as the column's name says: 金額(千円)"),
        ("ja", "金額は列名「金額(千円)」のとおり1,000倍にして読みました"),
    ],
)
def test_the_report_says_it(office: Office, lang: str, said: str) -> None:
    (office.folder / "list.csv").write_text(
        "contract,customer,ends on,金額(千円)\nN-1,New Ltd,2027-11-30,1200\n", "utf-8"
    )
    _, out, err = office.run("import", str(office.folder / "list.csv"), "--dry-run", lang=lang)
    assert said in out + err
