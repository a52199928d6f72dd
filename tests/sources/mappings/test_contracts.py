"""Mapping files: what they say, and everything that is wrong with one at once."""

import re
from pathlib import Path

import pytest

from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.imports.written_days import DateOrder
from scheduler.core.words.lexicon import Language
from scheduler.sources.contracts import open_contracts
from scheduler.sources.mappings.contracts import parse_mapping, read_mapping
from tests.import_cast import POLICY, mapping

SHIPPED = sorted((Path(__file__).parents[3] / "docs" / "mappings").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_the_examples_in_the_documentation_are_sound(path: Path) -> None:
    assert read_mapping(path).source in path.stem


def test_everything_a_mapping_can_say() -> None:
    found = mapping(
        profile="csv",
        source="crm",
        encoding="cp932",
        delimiter=";",
        key=["no", "part"],
        duplicates="last",
        no_end="evergreen",
        keep=["seats"],
        columns={"contract": "no", "customer": "who"},
        constants={"currency": "AUD", "auto_renew": True, "notice": "60 days"},
        dates={"format": "DD/MM/YYYY", "ends_on": "MM-DD-YY"},
        amount={"decimal": ",", "multiply": 1000},
        booleans={"true": ["Ja"], "false": ["Nein"]},
        terms={"annual": "12 months"},
        stages={"x": "existing", "y": {"to": "new_business/lost", "after": "unknown"}},
    )
    assert (found.key, found.duplicates, found.decimal, found.multiple) == (
        ("no", "part"),
        "last",
        ",",
        1000,
    )
    assert found.dates == {"format": DateOrder.DMY, "ends_on": DateOrder.MDY}
    assert found.constants == {"currency": "AUD", "auto_renew": "true", "notice": "60 days"}
    assert found.true == {"ja"}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"colums": {}}, 'colums: there is no setting "colums"; did you mean "columns"?'),
        (
            {"columns": {"end_on": "x"}},
            'columns.end_on: there is no setting "end_on"; did you mean "ends_on"?',
        ),
        (
            {"columns": {"ends_on": 3}},
            "columns.ends_on: 3 is not possible; write text in quotation marks",
        ),
        ({"columns": "x"}, 'columns: "x" is not possible; write a table: { … }'),
        ({"key": "no"}, 'key: "no" is not possible; write a list: ["no"]'),
        (
            {"duplicates": "both"},
            'duplicates: "both" is not known; write one of: refuse, first, last, suffix',
        ),
        ({"encoding": "utf-9"}, "encoding: no encoding is called utf-9; write e.g. utf-8 or cp932"),
        (
            {"delimiter": ",,"},
            'delimiter: ",," cannot separate cells; write one character, e.g. "," or "\\t"',
        ),
        (
            {"dates": {"ends_on": "DD/DD/YYYY"}},
            'dates.ends_on: "DD/DD/YYYY" is not a date order; write e.g. "DD/MM/YYYY"',
        ),
        (
            {"dates": {"amount": "DD/MM/YYYY"}},
            'dates.amount: there is no setting "amount"; there are: format, starts_on',
        ),
        (
            {"amount": {"decimal": ";"}},
            'amount.decimal: ";" is not a decimal mark; write "." or ","',
        ),
        ({"amount": {"multiply": 0}}, "amount.multiply: 0 is not possible; write at least 1"),
        ({"booleans": {"true": "Ja"}}, 'booleans.true: "Ja" is not possible; write a list: ["Ja"]'),
        (
            {"terms": {"annual": "one year"}},
            'terms.annual: "one year" is not a length of time; write e.g. "12 months"',
        ),
        (
            {"stages": {"x": 3}},
            'stages.x: 3 is not possible; write e.g. "existing/stable" or { to =',
        ),
        (
            {"stages": {"x": {"to": "existing", "afer": "y"}}},
            'stages.x.afer: there is no setting "afer"; did you mean "after"?',
        ),
        (
            {"stages": {"x": {"to": "existing", "close_date": "middle"}}},
            'stages.x.close_date: "middle" is not known; write one of: start, end',
        ),
        (
            {"constants": {"amount": [1]}},
            "constants.amount: a list is not possible; write one value",
        ),
        ({"profile": 3}, "profile: 3 is not possible; write text in quotation marks"),
        ({"encoding": "base64"}, "encoding: no encoding is called base64"),
        ({"delimiter": '"'}, """delimiter: "\\"" cannot separate cells; write one character"""),
        ({"skip": -1}, "skip: -1 is not possible; write at least 0"),
        ({"skip": True}, "skip: true is not possible; write a whole number"),
        ({"keep": ["seats", "Seats"]}, "keep[1]: this column is named twice"),
        (
            {"constants": {"contract": "1"}},
            "constants.contract: every row would have the same number",
        ),
        (
            {"constants": {"owner": "x"}, "columns": {"owner": "y"}},
            "constants.owner: [columns] has it too",
        ),
        (
            {"booleans": {"true": ["Ja"], "false": ["ja"]}},
            "booleans.false[0]: ja is listed under true as well",
        ),
        ({"duplicates": []}, "duplicates: a list is not known; write one of"),
        ({"amount": {"decimal": []}}, "amount.decimal: a list is not a decimal mark"),
        ({"stages": {"x": {"after": "y"}}}, "stages.x.to: is required"),
        (
            {"columns": {"customer": "who", "skip": 3}},
            'columns.skip: "skip" does not belong here; move it above the first [table]',
        ),
        (
            {"format": "DD/MM/YYYY"},
            'format: "format" does not belong here; it is a setting of dates',
        ),
        ({"columns": [{"customer": "who"}]}, "columns: write its heading as [columns]"),
        ({"profile": "hubspt"}, 'profile: there is no profile "hubspt"; did you mean "hubspot"?'),
        ({"units": {"notice": "day"}}, 'units.notice: "day" is not known; did you mean "days"?'),
        ({"skip": 1001}, "skip: 1001 is not possible; write at most 1000"),
    ],
)
def test_each_mistake_says_where_it_is_and_what_to_write(
    document: dict[str, object], said: str
) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        parse_mapping(document, "m.toml")
    (problem,) = caught.value.problems
    assert problem.shown(Language.EN).startswith(f"m.toml  {said}")
    assert re.search("[ぁ-ん]", problem.shown(Language.JA))


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(ImportRefusedError) as caught:
        parse_mapping(
            {
                "colums": {},
                "duplicates": "both",
                "dates": {"format": "soon"},
                "terms": {"m": ""},
                "encoding": "utf-9",
                "columns": {"owner": "y"},
                "constants": {"owner": "x", "amount": []},
            }
        )
    assert len(caught.value.problems) == 7


def test_a_setting_at_its_bound_is_taken() -> None:
    assert (mapping(skip=1000).skip, mapping(skip=0).skip) == (1000, 0)
    assert mapping(amount={"multiply": 1}).multiple == 1


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes('source = "erp"\r\n[columns]\r\ncustomer = "顧客"\r\n'.encode("utf-8-sig"))
    assert (read_mapping(path).source, read_mapping(path).columns) == ("erp", {"customer": "顧客"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = ", "m.toml:1  not valid TOML"),
        ('a = "x"\nb = "日本"'.encode("cp932"), "m.toml:2  not UTF-8; save the file as UTF-8"),
        (b'[columns]\ncustomer = "a"\ncustomer = "b"', "m.toml:3  not valid TOML: .*appears twice"),
        ("source = “erp”".encode(), "m.toml:1  not valid TOML: “ is not the right character"),
    ],
)
def test_a_file_that_is_no_toml_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(content)
    with pytest.raises(ImportRefusedError, match=said):
        read_mapping(path)


def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        (
            'source = "e"\n[columns]\ncontract = "no"\ncustomr = "who"\n[stages]\n"a.b" = 3\n'
            '[constants]\n"amount" = [1]\n'
        ),
        "utf-8",
    )
    with pytest.raises(ImportRefusedError) as caught:
        read_mapping(path)
    assert [p.shown(Language.EN).partition(": ")[0] for p in caught.value.problems] == [
        f"{path}:4  columns.customr",
        f'{path}:6  stages."a.b"',
        f"{path}:8  constants.amount",
    ]


@pytest.mark.parametrize(
    "content", ["a = " + "[" * 5000, "skip = 1" + "0" * 5000, "[columns]\ncontract = 2026-02-30"]
)
def test_no_mapping_file_ends_in_a_fault_of_the_program(tmp_path: Path, content: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(ImportRefusedError, match="m.toml"):
        read_mapping(path)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"constants": {"starts_on": "soon"}}, 'constants.starts_on: "soon": not a date'),
        (
            {"constants": {"ends_on": "03/04/2027"}},
            "constants.ends_on: “03/04/2027” can mean 2027-03-04 or 2027-04-03",
        ),
        ({"constants": {"amount": "about 5"}}, 'constants.amount: "about 5": not an exact amount'),
        ({"constants": {"currency": "yen?"}}, 'constants.currency: "yen?": not a currency code'),
        ({"constants": {"stage": "Nowhere"}}, "constants.stage: there is no stage Nowhere"),
        (
            {"constants": {"pipeline": "partnr"}},
            'constants.pipeline: "partnr": not one of our pipelines',
        ),
        (
            {"constants": {"pipeline": "new_business", "stage": "stable"}},
            'constants.stage: "stable": the stage stable belongs to existing',
        ),
    ],
)
def test_a_constant_that_cannot_be_read_says_so(
    tmp_path: Path, document: dict[str, object], said: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("contract,customer\n1,Aoba\n", encoding="utf-8")
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY, mapping=mapping(profile="csv", **document))
    assert f"mapping  {said}" in "\n".join(p.shown(Language.EN) for p in caught.value.problems)


def test_a_missing_mapping_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="this is a folder; name a mapping file"):
        read_mapping(tmp_path)
    with pytest.raises(ImportRefusedError, match="no such file"):
        read_mapping(tmp_path / "m.toml")


def test_columns_the_file_does_not_have_are_named_with_the_nearest_it_has(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("number,who,until\n1,Aoba,2027-03-31\n", encoding="utf-8")
    bad = mapping(columns={"contract": "numbr", "customer": "who"}, key=["none"], keep=["untl"])
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY, mapping=bad)
    texts = [p.shown(Language.EN) for p in caught.value.problems]
    assert texts == [
        'mapping  columns.contract: x.csv has no column "numbr"; did you mean "number"?',
        'mapping  key[0]: x.csv has no column "none"; there are: number, who, until',
        'mapping  keep[0]: x.csv has no column "untl"; did you mean "until"?',
    ]


def test_stages_that_the_policy_does_not_have_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("contract,customer,stage\n1,Aoba,a\n", encoding="utf-8")
    bad = mapping(
        profile="csv",
        stages={
            "a": "existing/none",
            "b": {"to": "new_business/lost", "after": "nowhere"},
            "c": "elsewhere",
        },
    )
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY, mapping=bad)
    assert [p.shown(Language.EN).partition("; there")[0] for p in caught.value.problems] == [
        'mapping  stages.a.to: there is no stage "none"',
        'mapping  stages.b.after: there is no stage "nowhere"',
        'mapping  stages.c.to: there is no stage "elsewhere"',
    ]


def test_what_only_file_and_policy_can_say_comes_at_once_with_its_lines(tmp_path: Path) -> None:
    path, how = tmp_path / "x.csv", tmp_path / "m.toml"
    path.write_text("number,who\n1,Aoba\n", encoding="utf-8")
    how.write_text(
        '[columns]\ncontract = "numbr"\ncustomer = "who"\n[stages]\na = "existing/stabel"\n'
        '[constants]\nstarts_on = "soon"\n',
        "utf-8",
    )
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY, mapping=read_mapping(how))
    assert [p.shown(Language.EN).removeprefix(str(how)) for p in caught.value.problems] == [
        ':2  columns.contract: x.csv has no column "numbr"; did you mean "number"?',
        ':5  stages.a.to: there is no stage "stabel"; did you mean "stable"?',
        ':7  constants.starts_on: "soon": not a date; write e.g. 2026-11-23',
    ]


@pytest.mark.parametrize(("order", "ends_on"), [("DMY", "2027-04-03"), ("MDY", "2027-03-04")])
def test_a_constant_is_read_in_the_order_that_is_declared(
    tmp_path: Path, order: str, ends_on: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("contract,customer\n1,Aoba\n", encoding="utf-8")
    document = {"constants": {"ends_on": "03/04/2027"}, "dates": {"format": order}}
    (found,) = open_contracts(path, POLICY, mapping=mapping(profile="csv", **document)).records()
    assert str(getattr(found, "ends_on", found)) == ends_on
