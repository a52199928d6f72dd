"""Mapping files: what they say, and everything that is wrong with one at once."""

from pathlib import Path

import pytest

from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.imports.written_days import DateOrder
from scheduler.core.words.lexicon import Language
from scheduler.sources.contracts import open_contracts
from scheduler.sources.mapping import parse_mapping, read_mapping
from tests.import_cast import POLICY, mapping

SHIPPED = sorted((Path(__file__).parents[2] / "docs" / "mappings").glob("*.toml"))


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
        ({"colums": {}}, "colums: unknown; did you mean columns?"),
        ({"columns": {"end_on": "x"}}, "columns.end_on: unknown; did you mean ends_on?"),
        ({"columns": {"ends_on": 3}}, "columns.ends_on: write the column's name as a text"),
        ({"columns": "x"}, "columns: make it a table, [columns]"),
        ({"key": "no"}, 'key: write a list of column names, e.g. ["contract_number"]'),
        ({"duplicates": "both"}, 'duplicates: write one of "refuse", "first", "last", "suffix"'),
        ({"encoding": "utf-9"}, "encoding: no encoding is called utf-9; write e.g. utf-8 or cp932"),
        ({"delimiter": ",,"}, 'delimiter: write one character, e.g. "," or "\\t"'),
        (
            {"dates": {"ends_on": "DD/DD/YYYY"}},
            "dates.ends_on: DD/DD/YYYY is not an order of dates; write e.g. DD/MM/YYYY",
        ),
        ({"dates": {"amount": "DD/MM/YYYY"}}, "dates.amount: unknown"),
        ({"amount": {"decimal": ";"}}, 'amount.decimal: write "." or ","'),
        ({"amount": {"multiply": 0}}, "amount.multiply: write a whole number of at least 1"),
        ({"booleans": {"true": "Ja"}}, 'booleans.true: write a list of words, e.g. ["Yes"]'),
        (
            {"terms": {"annual": "one year"}},
            'terms.annual: one year is not a length of time; write e.g. "12 months"',
        ),
        ({"stages": {"x": 3}}, 'stages.x: write e.g. "existing/stable"'),
        (
            {"stages": {"x": {"to": "existing", "afer": "y"}}},
            "stages.x.afer: unknown; did you mean after?",
        ),
        (
            {"stages": {"x": {"to": "existing", "close_date": "middle"}}},
            'stages.x.close_date: write "start" or "end"',
        ),
        ({"constants": {"amount": [1]}}, "constants.amount: write one value"),
        ({"profile": 3}, "profile: write a text"),
        ({"encoding": "base64"}, "encoding: no encoding is called base64"),
        ({"delimiter": '"'}, "delimiter: write one character"),
        ({"skip": -1}, "skip: write how many lines stand before the header, 0 to 1000"),
        ({"skip": True}, "skip: write how many"),
        ({"keep": ["seats", "Seats"]}, "keep: a column is there twice"),
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
            "booleans.false: ja stands under true as well",
        ),
        ({"duplicates": []}, "duplicates: write one of"),
        ({"amount": {"decimal": []}}, 'amount.decimal: write "." or ","'),
    ],
)
def test_each_mistake_says_where_it_is_and_what_to_write(
    document: dict[str, object], said: str
) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        parse_mapping(document, "m.toml")
    assert f"m.toml: {said}" in "\n".join(p.text(Language.EN) for p in caught.value.problems)
    assert all(p.text(Language.JA).startswith("m.toml：") for p in caught.value.problems)


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(ImportRefusedError) as caught:
        parse_mapping(
            {"colums": {}, "duplicates": "both", "dates": {"format": "soon"}, "terms": {"m": ""}}
        )
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = ", "m.toml:1: not valid TOML"),
        ("a = '\u00e9'".encode("latin-1"), "save the mapping file as UTF-8"),
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
    said = [p.text(Language.EN) for p in caught.value.problems]
    assert [line.partition("  ")[0].split(": ")[:2] for line in said] == [
        ["m.toml:4", "columns.customr"],
        ["m.toml:8", "constants.amount"],
        ["m.toml:6", "stages.a.b"],
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
        ({"constants": {"starts_on": "soon"}}, "constants.starts_on: not a date"),
        ({"constants": {"amount": "about 5"}}, "constants.amount: not an amount"),
        ({"constants": {"currency": "yen?"}}, "constants.currency: not a currency code"),
        ({"constants": {"stage": "Nowhere"}}, "constants.stage: there is no stage Nowhere"),
        ({"constants": {"pipeline": "partnr"}}, "constants.pipeline: no pipeline of ours"),
        (
            {"constants": {"pipeline": "new_business", "stage": "stable"}},
            "constants.stage: the stage stable belongs to existing",
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
    assert f"mapping: {said}" in "\n".join(p.text(Language.EN) for p in caught.value.problems)


def test_a_missing_mapping_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="no such file"):
        read_mapping(tmp_path / "m.toml")


def test_columns_the_file_does_not_have_are_named_with_the_nearest_it_has(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("number,who,until\n1,Aoba,2027-03-31\n", encoding="utf-8")
    bad = mapping(columns={"contract": "numbr", "customer": "who"}, key=["none"], keep=["untl"])
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY, mapping=bad)
    texts = [p.text(Language.EN) for p in caught.value.problems]
    assert texts == [
        "mapping: columns.contract: x.csv has no column numbr; did you mean number?",
        "mapping: key: x.csv has no column none; found: number, who, until",
        "mapping: keep: x.csv has no column untl; did you mean until?",
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
    assert [dict(p.facts)["key"] for p in caught.value.problems] == [
        "stages.a",
        "stages.b",
        "stages.c",
    ]
