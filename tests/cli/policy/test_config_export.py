"""`renewals config export` and the notes of versions."""

import tomllib

from tests.cli.office import Office
from tests.cli.policy.test_plan import EARLIER, draft, planned


def test_a_past_version_comes_back_as_it_was_written_and_a_new_one_with_its_note(
    office: Office,
) -> None:
    first = (office.folder / "config.toml").read_text("utf-8")
    office.said("apply", planned(office, EARLIER), "--note", "Ann wants it earlier")
    assert office.said("config", "export", "1", as_of=None) == first
    assert office.said("config", "export", as_of=None) == draft(office, EARLIER).read_text("utf-8")
    assert (
        "Ann wants it earlier"  # type: ignore[operator]
        in office.rows("SELECT note FROM policy_versions WHERE version = 2")[0][0]
    )
    (office.folder / "config.toml").write_text("")
    said = office.said("config", "export", "1", as_of=None)
    assert tomllib.loads(said) == tomllib.loads(first)


def test_a_version_with_its_texts_goes_into_a_new_folder_and_into_no_other(office: Office) -> None:
    out = office.folder / "version-1"
    office.said("config", "export", "1", "--to", str(out), as_of=None)
    assert (out / "config.toml").is_file()
    assert "is not empty; name a new folder" in office.refused(
        "config", "export", "1", "--to", str(out), as_of=None
    )
    assert "there is no version 9" in office.refused("config", "export", "9", as_of=None)
