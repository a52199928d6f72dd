"""What a person types means the same in a file's cell, a command's option, a page's form and a form
on Slack: the same value, or refused at all of them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from scheduler.cli.terminal.reading import amount_of, day_of, term_of
from scheduler.core.answers.offers import OFFERS
from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.contracts import Money
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.imports.typed import NotReadError, yes_no
from scheduler.core.imports.words import word
from scheduler.core.words.lexicon import Health, Language, Paperwork, Word
from scheduler.inbound.slack.payload import typed_in
from scheduler.inbound.web.forms import Form
from scheduler.sources.contracts import open_contracts
from tests.cast import ANN, at, contract, deal, policy
from tests.import_cast import POLICY

REFUSED = "refused"
DAYS = [
    ("2027/3/1", "2027-03-01"),
    ("2027-03-01", "2027-03-01"),
    ("令和9年3月1日", "2027-03-01"),
    ("R9.3.1", "2027-03-01"),
    ("２０２７年３月１日", "2027-03-01"),
    ("1 Mar 2027", "2027-03-01"),
    ("2027年3月末", "2027-03-31"),
    ("31/03/2027", "2027-03-31"),
    ("3月1日", REFUSED),
    ("01/03/2027", REFUSED),
    ("2027-02-30", REFUSED),
    ("soon", REFUSED),
]
AMOUNTS = [
    ("12,50", "12.5"),
    ("12.50", "12.5"),
    ("1,250", "1250"),
    ("1.250,00", "1250"),
    ("€1,250", "1250"),
    ("１２．５０", "12.5"),
    ("12万", "120000"),
    ("12.500", REFUSED),
    ("¥1,250", REFUSED),
    ("-5", REFUSED),
    ("a lot", REFUSED),
]
TERMS = [
    ("12", "12 months"),
    ("１年６か月", "18 months"),
    ("90 days", "90 days"),
    ("90日", "90 days"),
    ("0", REFUSED),
    ("some time", REFUSED),
]
YES_NO = [
    ("yes", True),
    ("はい", True),
    ("あり", True),
    ("ＹＥＳ", True),
    ("no", False),
    ("なし", False),
]
WORDS: list[tuple[type[Word], str, str]] = [
    (Health, "stable", "stable"),
    (Health, "安定稼働", "stable"),
    (Health, "At risk", "at_risk"),
    (Health, "ＡＴ－ＲＩＳＫ", "at_risk"),
    (Health, "splendid", REFUSED),
    (Paperwork, "先方稟議中", "in_approval"),
]


def in_a_file(folder: Path, field: str, text: str) -> str:
    """A cell of a contract's row."""
    header = {"contract": "C-1", "customer": "Aoba", "starts_on": "2026-04-01", "currency": "EUR"}
    if field != "ends_on":
        header["ends_on"] = "2027-03-31"
    if field == "term":
        del header["ends_on"]
    cells = header | {field: text}
    path = folder / "x.csv"
    quoted = ",".join(f'"{cell}"' for cell in cells.values())
    path.write_text(f"{','.join(cells)}\n{quoted}\n", "utf-8")
    try:
        (record,) = open_contracts(path, POLICY).records()
    except ImportRefusedError:
        return REFUSED
    if not isinstance(record, ContractRecord):
        return REFUSED
    if field == "amount":
        return f"{(record.amount or 0) / 100:g}"
    return str(getattr(record, field))


def at_a_command(read: Callable[[str], object], text: str) -> str:
    """An option."""
    try:
        found = read(text)
    except NotReadError:
        return REFUSED
    return f"{float(found):g}" if isinstance(found, Decimal) else str(found)


def in_a_form(offer: str, field: Asked, typed: Mapping[str, str]) -> tuple[str, str]:
    """A field of an answer's form, and what is said beside it."""
    of = deal(contract(amount=Money(100_000, "EUR")))
    form = Form.at(OFFERS[offer], of, policy(), Language.EN, at("2027-01-05"))
    said, wrong = form.read(typed, ANN, "r")
    if field in wrong:
        return REFUSED, wrong[field].en
    found = getattr(said, field.value)
    return (f"{float(found):g}" if field is Asked.AMOUNT else str(found)), ""


def on_slack(field: str, text: str) -> Mapping[str, str]:
    """What Slack sends of a field that somebody filled in."""
    return typed_in({"state": {"values": {field: {"value": {"value": text}}}}})


def on_a_page(field: str, text: str) -> Mapping[str, str]:
    """What a browser sends of it."""
    return {field: text}


def in_forms(offer: str, field: Asked, text: str) -> set[tuple[str, str]]:
    """The same field of a page and of Slack."""
    return {in_a_form(offer, field, door(field.value, text)) for door in (on_a_page, on_slack)}


@pytest.mark.parametrize(("text", "meant"), DAYS)
def test_a_day_is_the_same_day_at_every_door(tmp_path: Path, text: str, meant: str) -> None:
    ((in_form, _),) = in_forms("renew", Asked.EXPECTED_ON, text)
    assert [in_a_file(tmp_path, "ends_on", text), at_a_command(day_of, text), in_form] == [
        meant
    ] * 3


@pytest.mark.parametrize(("text", "meant"), AMOUNTS)
def test_an_amount_is_the_same_at_every_door(tmp_path: Path, text: str, meant: str) -> None:
    ((in_form, _),) = in_forms("won", Asked.AMOUNT, text)
    command = at_a_command(lambda written: amount_of(written, "EUR"), text)
    assert [in_a_file(tmp_path, "amount", text), command, in_form] == [meant] * 3


@pytest.mark.parametrize(("text", "meant"), TERMS)
def test_a_term_is_the_same_at_every_door(tmp_path: Path, text: str, meant: str) -> None:
    ((in_form, _),) = in_forms("won", Asked.TERM, text)
    assert [in_a_file(tmp_path, "term", text), at_a_command(term_of, text), in_form] == [meant] * 3


@pytest.mark.parametrize(("text", "meant"), YES_NO)
def test_yes_and_no_are_the_same_in_a_file_and_at_a_command(
    tmp_path: Path, text: str, meant: bool
) -> None:
    assert in_a_file(tmp_path, "auto_renew", text) == at_a_command(yes_no, text) == str(meant)


@pytest.mark.parametrize(("kind", "text", "meant"), WORDS)
def test_a_closed_word_is_the_same_at_every_door(
    tmp_path: Path, kind: type[Word], text: str, meant: str
) -> None:
    field = Asked(kind.__name__.lower())
    ((in_form, _),) = in_forms(field.value, field, text)
    assert at_a_command(lambda written: word(kind, written), text) == in_form == meant
    if kind is Health:
        assert in_a_file(tmp_path, "health", text) == meant


@pytest.mark.parametrize("text", [text for text, meant in DAYS if meant == REFUSED])
def test_what_cannot_be_read_is_refused_with_the_same_sentence(text: str) -> None:
    ((_, said),) = in_forms("renew", Asked.EXPECTED_ON, text)
    with pytest.raises(NotReadError) as refused:
        day_of(text)
    assert refused.value.label.en == said
