"""`renewals init` as people meet it: once, twice, in the wrong place; what it writes works."""

import json
import resource
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.shipped import shipped_config, shipped_stories
from scheduler.cli.init import CONFIG, SCHEMA
from scheduler.cli.main import main
from scheduler.cli.policy.config import schema_text
from scheduler.core.config.fitted import RATES
from scheduler.system.environment import environment
from tests.cli.office import of_no_machine

FILES = [CONFIG, SCHEMA, ".env.example", "templates/messages/README.md"]


@pytest.fixture(autouse=True)
def no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    of_no_machine(monkeypatch)


def test_a_new_folder_gets_four_files_twenty_stories_and_a_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "our renewals"
    assert main(["init", str(target)]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        *(f"created {target / name}" for name in FILES),
        f"created {target / 'stories'} (20 stories)",
    ]
    assert shown.err == (
        "next: put your own addresses into config.toml (admins, fallback), then run `renewals "
        f"check --dir '{target}'`\n"
    )
    assert sorted(
        p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()
    ) == sorted([*FILES, *(f"stories/{s}" for s in shipped_stories("en"))])


def test_the_same_in_japanese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path), "--lang", "ja"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        *(f"作成：{tmp_path / name}" for name in FILES),
        f"作成：{tmp_path / 'stories'} (ストーリー20件)",
    ]
    assert (tmp_path / "stories" / "lost.toml").read_text("utf-8") == shipped_stories("ja")[
        "lost.toml"
    ]
    assert shown.err == (
        "次は：config.toml の管理者(admins)と代替の宛先(fallback)を自社の宛先に書き換え、renewals check "
        f"--dir {tmp_path} で点検してください。\n"
    )
    assert main(["init", str(tmp_path), "--lang", "ja"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        f"すでにあります(そのまま): {tmp_path / name}" for name in (*FILES, "stories")
    ]
    assert shown.err == f"次は：renewals check --dir {tmp_path} で点検してください。\n"


def test_a_second_time_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path)]) == 0
    (tmp_path / CONFIG).write_text("mine")
    (tmp_path / "stories" / "lost.toml").unlink()
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    capsys.readouterr()
    assert main(["init", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        f"exists already, left as it is: {tmp_path / name}" for name in (*FILES, "stories")
    ]
    assert shown.err == f"next: run `renewals check --dir {tmp_path}`\n"
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_what_is_missing_is_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path)]) == 0
    (tmp_path / ".env.example").unlink()
    capsys.readouterr()
    assert main(["init", str(tmp_path)]) == 0
    assert f"created {tmp_path / '.env.example'}" in capsys.readouterr().out


def test_the_folder_is_this_one_or_the_environments_unless_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert capsys.readouterr().err.endswith("then run `renewals check`\n")
    monkeypatch.setenv("RENEWALS_DIR", str(tmp_path / "named"))
    assert main(["init"]) == 0
    assert (tmp_path / CONFIG).is_file()
    assert (tmp_path / "named" / CONFIG).is_file()
    assert main(["init", str(tmp_path / "given")]) == 0
    assert (tmp_path / "given" / CONFIG).is_file()


def test_the_first_line_of_the_configuration_names_the_schema_beside_it(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    first = (tmp_path / CONFIG).read_text("utf-8").splitlines()[0]
    named = tmp_path / first.removeprefix("#:schema ")
    assert first.startswith("#:schema ")
    assert named.resolve() == (tmp_path / SCHEMA).resolve()
    assert json.loads(named.read_text("utf-8"))["$schema"].endswith("2020-12/schema")


def test_an_older_schema_is_left_and_how_to_renew_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path)]) == 0
    (tmp_path / SCHEMA).write_text("{}")
    capsys.readouterr()
    assert main(["init", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert (
        "config.schema.json is from another version; to update it: renewals config schema > "
        f"{tmp_path / SCHEMA}\n"
    ) in said
    assert (tmp_path / SCHEMA).read_text() == "{}"
    (tmp_path / SCHEMA).write_text(schema_text(), "utf-8")
    assert main(["init", str(tmp_path)]) == 0
    assert "another version" not in capsys.readouterr().err


def test_what_it_writes_is_what_is_shipped_and_has_no_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / CONFIG).read_text("utf-8") == shipped_config()
    assert main(["check", "--dir", str(tmp_path)]) == 1, (
        "only the sample addresses are to be replaced"
    )
    assert "sample address" in capsys.readouterr().out


def test_the_example_of_an_environment_can_be_used_as_it_is(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    example = (tmp_path / ".env.example").read_text("utf-8")
    (tmp_path / ".env").write_text(example, "utf-8")
    assert environment(tmp_path, {}) == {}
    (tmp_path / ".env").write_text(
        example.replace("\n#S", "\nS")
        .replace("\n#D", "\nD")
        .replace("\n#LINK_SECRET=", "\nLINK_SECRET=x")
        .replace("\n#HUBSPOT_TOKEN=", "\nHUBSPOT_TOKEN=x"),
        "utf-8",
    )
    assert set(environment(tmp_path, {})) == {
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SMTP_URL",
        "LINK_SECRET",
        "HUBSPOT_TOKEN",
        "DATABASE_URL",
    }


@pytest.mark.parametrize(
    ("target", "wrong", "en", "ja"),
    [
        (
            "file",
            "file",
            "{} is not a folder; name another place",
            "{} はフォルダーではありません。別の場所を指定してください。",
        ),
        (
            "file/deeper",
            "file",
            "{} is not a folder; name another place",
            "{} はフォルダーではありません。別の場所を指定してください。",
        ),
    ],
)
def test_a_place_that_is_no_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, wrong: str, en: str, ja: str
) -> None:
    (tmp_path / "file").write_text("x")
    for language, said in (("en", en), ("ja", ja)):
        assert main(["init", str(tmp_path / target), "--lang", language]) == 2
        shown = capsys.readouterr()
        assert (shown.out, shown.err) == ("", said.format(tmp_path / wrong) + "\n")


@pytest.mark.skipif(not Path("/sys").exists(), reason="needs Linux")
def test_a_place_that_may_not_be_written_is_refused_and_nothing_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = Path("/sys/renewals")
    assert main(["init", str(place)]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"{place / CONFIG}: ")
    assert "Traceback" not in shown.err
    assert not place.exists()


def test_a_disk_that_takes_no_more_is_left_without_half_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit on the size of files stands in for the disk; the configuration is larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(shipped_config()) // 2, before[1]))
    try:
        code = main(["init", str(tmp_path)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert code == 1
    assert capsys.readouterr().err == f"{tmp_path / CONFIG}: File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_the_files_name_is_left_and_told_by_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / CONFIG).mkdir()
    assert main(["init", str(tmp_path)]) == 0
    assert f"exists already, left as it is: {tmp_path / CONFIG}" in capsys.readouterr().out
    assert main(["check", "--dir", str(tmp_path)]) == 2


def fitted(tmp_path: Path, *words: str) -> dict[str, Any]:
    """What the new configuration says."""
    assert main(["init", str(tmp_path / "cs"), *words]) == 0
    return tomllib.loads((tmp_path / "cs" / CONFIG).read_text("utf-8"))


def test_it_fits_language_zone_and_currency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = fitted(tmp_path, "--lang", "en", "--zone", "Europe/London", "--currency", "GBP")
    assert (said["language"], said["zone"], said["calendar"], said["base_currency"]) == (
        "en",
        "Europe/London",
        "gb",
        "GBP",
    )
    assert said["rates"] == {"JPY": 0.00526, "USD": 0.789, "EUR": 0.842, "AUD": 0.526}
    assert said["attention"]["urgent_amount"] == 50_000
    assert main(["check", "--dir", str(tmp_path / "cs")]) == 1, (
        "but for the sample addresses nothing is wrong with it"
    )
    capsys.readouterr()


@pytest.mark.parametrize(
    ("zone", "calendar", "country"),
    [
        ("Europe/Paris", "fr", "FR"),
        ("Asia/Tokyo", "jp", "JP"),
        ("America/New_York", "us", "US"),
        ("Etc/UTC", "weekdays", None),
        ("Asia/Kolkata", "in", "IN"),
    ],
)
def test_the_calendar_is_that_of_the_zones_country(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    zone: str,
    calendar: str,
    country: str | None,
) -> None:
    said = fitted(tmp_path, "--zone", zone)
    assert (
        said["zone"],
        said["calendar"],
        said["calendars"][calendar].get("country"),
        said["language"],
    ) == (zone, calendar, country, "ja")
    assert main(["check", "--dir", str(tmp_path / "cs")]) == 1
    assert ("no holidays are known" in capsys.readouterr().err) is (country is None)


def test_a_currency_without_a_known_rate_leaves_the_rates_to_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = fitted(tmp_path, "--currency", "sek")
    assert (said["base_currency"], said["rates"]) == ("SEK", {})
    assert "set the rates and urgent_amount in SEK yourself" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (
            ["--zone", "Europe/Lodnon"],
            "did you mean Europe/London?",
            "「Europe/London」のことですか。",
        ),
        (["--zone", "JST"], "did you mean Asia/Tokyo?", "「Asia/Tokyo」のことですか。"),
        (["--zone", "Mars"], "write region and city", "例：Asia/Tokyo"),
        (["--currency", "GBR"], "did you mean GBP?", "「GBP」のことですか。"),
        (["--currency", "円"], "did you mean JPY?", "「JPY」のことですか。"),
        (["--currency", "gold"], "write its ISO code", "ISOのコード"),
    ],
)
def test_what_is_mistyped_is_refused_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], en: str, ja: str
) -> None:
    for lang, said in (("en", en), ("ja", ja)):
        assert main(["init", str(tmp_path / "cs"), *words, "--lang", lang]) == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "cs").exists()


def test_the_rates_that_init_reckons_with_are_those_of_the_shipped_file() -> None:
    shipped = tomllib.loads(shipped_config())
    assert {shipped["base_currency"]: 1.0, **shipped["rates"]} == RATES
