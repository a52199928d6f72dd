"""What we have written ourselves comes back: a list of deals or people, brought in again, changes
nothing and asks nothing."""

import pytest

from tests.cli.office import Office

LATER = "2027-01-06T12:00+00:00"
ADDED = (
    "contract",
    "add",
    "N-1",
    "--customer",
    "New Ltd",
    "--starts",
    "2026-12-01",
    "--term",
    "1年",
    "--amount",
    "10000",
    "--owner",
    "ann",
    "--yes",
)
SILENT = {
    "en": [
        "a dry run: nothing was kept; an import would have this result",
        "new 0, updated 0, unchanged {}, left out 0, rejected 0",
    ],
    "ja": [
        "試行のため何も保存していません。保存すると次のとおりです。",
        "新規 0　更新 0　変更なし {}　除外 0　取込不可 0",
    ],
}


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(("listing", "rows"), [("deals", 4), ("people", 3)])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_our_own_lists_say_nothing_new(
    office: Office, lang: str, listing: str, rows: int, kind: str
) -> None:
    office.said(*ADDED)
    office.said("contract", "edit", "C-1", "--ends", "2028-03-31", "--renewed", "--yes")
    file = str(office.folder / f"again.{kind}")
    office.said(listing, f"--{kind}", file, lang=lang, as_of=LATER)
    code, said, hints = office.run("import", file, "--dry-run", lang=lang, as_of=LATER)
    assert (code, said.splitlines(), hints) == (0, [line.format(rows) for line in SILENT[lang]], "")


def test_a_renewal_that_the_program_opened_is_taken_over_without_a_change(office: Office) -> None:
    office.said("answer", "C-2", "won", "--yes")
    file = str(office.folder / "again.csv")
    office.said("deals", "--csv", file, as_of=LATER)
    said = office.said("import", file, as_of=LATER)
    assert "new 0, updated 0, unchanged 3" in said
    assert "fields changed" not in said
    assert "new 0, updated 0, unchanged 3" in office.said("import", file, as_of=LATER)


def test_a_corrected_cell_says_whose_contract_it_is_and_a_strangers_columns_are_named(
    office: Office,
) -> None:
    office.said(*ADDED)
    file = office.folder / "again.csv"
    office.said("deals", "--csv", str(file), as_of=LATER)
    text = file.read_text("utf-8-sig")
    file.write_text(text.replace("10000,", "11000,"), "utf-8")
    said = office.said("import", str(file), "--dry-run", as_of=LATER)
    assert "corrections of contracts that came from elsewhere: 1\n  N-1 New Ltd (entered)" in said
    file.write_text(text.replace("days left", "how long"), "utf-8")
    _, _, hints = office.run("import", str(file), "--dry-run", as_of=LATER)
    assert (
        "columns that are not used: current stage, current health, how long, next, source, deal"
        in hints
    )


def test_a_row_of_ours_means_the_contract_whose_number_was_entered_in_another_width_or_case(
    office: Office,
) -> None:
    for number in ("Ｎ－９", "Mixed-1", "upper-1"):
        office.said(*(number if word == "N-1" else word for word in ADDED))
    file = office.folder / "again.csv"
    office.said("deals", "--csv", str(file), as_of=LATER)
    text = file.read_text("utf-8-sig").replace("10000,", "11000,")
    for written, otherwise in (("Ｎ－９", "n-9"), ("Mixed-1", "mIXED-1"), ("upper-1", "UPPER-1")):
        text = text.replace(written, otherwise)
    file.write_text(text, "utf-8")
    said = office.said("import", str(file), as_of=LATER)
    assert "new 0, updated 3" in said
    assert "corrections of contracts that came from elsewhere: 3" in said
    assert "new 0, updated 0" in office.said("import", str(file), as_of=LATER)
    numbers = [number for (number,) in office.rows("SELECT number FROM contracts WHERE id > 3")]
    assert numbers == ["Ｎ－９", "Mixed-1", "upper-1"]
