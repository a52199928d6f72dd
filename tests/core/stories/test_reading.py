"""A story is read strictly: whatever is not understood is named with its line and what to write
instead, in both languages, all at once."""

from datetime import date

import pytest

from scheduler.core.stories.reading import names_of, read_story
from scheduler.core.stories.story import ExpectedTelling, Story
from scheduler.core.words.lexicon import ForecastCall, Language, Verb

PLAIN = """title = "Plain"

[contract]
ends_on = 2027-03-31

[2027-01-05]
answer = { call = "renew", expected = 2027-02-10 }

[2026-12-31]
told = ["Ann renewal_3m", "Bob renewal_3m +1", "Chika C-1 renewal_3m for Ann"]
stage = "renewal_3m"
"""


def read(text: str) -> Story:
    found = read_story(text, "s.toml")
    assert isinstance(found, Story), found
    return found


def mistakes(text: str, language: Language = Language.EN) -> list[str]:
    found = read_story(text, "s.toml")
    assert isinstance(found, list), "it was taken"
    return [problem.shown(language) for problem in found]


def test_a_story_has_ann_s_contract_its_days_in_order_and_ends_with_the_last_of_them() -> None:
    story = read(PLAIN)
    assert story.contracts[0]["starts_on"] == "2026-04-01"
    assert story.contracts[0]["owner"] == "Ann"
    assert (story.begins, story.until) == (date(2026, 4, 1), date(2027, 1, 5))
    assert [day.on for day in story.days] == [date(2026, 12, 31), date(2027, 1, 5)]
    assert story.days[0].told == (
        ExpectedTelling("Ann", "renewal_3m"),
        ExpectedTelling("Bob", "renewal_3m", 1),
        ExpectedTelling("Chika", "renewal_3m", 0, "C-1", "Ann"),
    )
    assert story.days[1].replies[0].said.verb is Verb.FORECAST
    assert story.days[1].replies[0].said.call is ForecastCall.RENEW
    assert names_of(story) == {"Ann", "Bob", "Chika"}


def test_a_contract_is_meant_in_any_width_and_case() -> None:
    text = """never = ["Ann ｃ－２ renewal_3m"]
[[contracts]]
contract = "C-1"
ends_on = 2027-03-31
[[contracts]]
contract = "Ｃ－２"
ends_on = 2027-03-31
[2026-12-31]
told = ["Ann c-2 renewal_3m"]
stage = { c-2 = "renewal_3m", "ｃ－１" = "won" }
next = { c-2 = "nothing" }
answer = { seen = true, contract = "c-2" }
"""
    story = read(text)
    [day], wide = story.days, "Ｃ－２"
    assert day.told == (ExpectedTelling("Ann", "renewal_3m", 0, wide),)
    assert (set(day.facts), set(day.next)) == ({wide, "C-1"}, {wide})
    assert (day.replies[0].contract, story.never) == (wide, (("Ann", wide, "renewal_3m"),))


def test_a_story_without_days_lives_until_its_contract_ends_and_expects_silence() -> None:
    story = read("[contract]\nends_on = 2027-03-31\n")
    assert (story.until, story.complete, story.days) == (date(2027, 3, 31), True, ())


@pytest.mark.parametrize(
    "short",
    [
        '"seen"',
        '"call renew"',
        '"lost budget"',
        '"snooze 2027-01-20"',
        "{ snooze = 2027-01-20 }",
        '["seen", "won"]',
    ],
)
def test_answers_may_be_written_short(short: str) -> None:
    assert (
        read(f"[contract]\nends_on = 2027-03-31\n[2027-01-05]\nanswer = {short}\n").days[0].replies
    )


@pytest.mark.parametrize(
    ("text", "en", "ja"),
    [
        ("titel = 'x'", 'titel: there is no "titel" here; did you mean "title"?', 'titel: "titel" は使えません。「title」のことですか。'),
        ("[contract]\nend_on = 2027-03-31", 'contract.end_on: there is no "end_on" here; did you mean "ends_on"?', ""),
        ("[2027-02-30]\nstage = 'x'", "2027-02-30: there is no day 2027-02-30", "2027-02-30: 2027-02-30 という日はありません"),
        ("[2027-01-05]\ntold = 'renewal_3m'", '2027-01-05.told: "renewal_3m" is not possible; write who and what, e.g. "Ann renewal_3m +1"', ""),
        ("[2027-01-05]\nanswer = 'sean'", '2027-01-05.answer: "sean" is not known; did you mean "seen"?', ""),
        ("[2027-01-05]\nanswer = 'call renw'", '2027-01-05.answer.call: "renw" is not known; did you mean "renew"?', ""),
        ("[2027-01-05]\nanswer = { snooze = 'soon' }", '2027-01-05.answer.snooze: "soon" is not possible; write a day, e.g. 2027-03-31', ""),
        ("[2027-01-05]\nquiet_until = 'June'", '2027-01-05.quiet_until: "June" is not possible; write a day, e.g. 2027-03-31', ""),
        ("[people]\nAnn = { away = 'June' }", 'people.Ann.away: "June" is not possible; write a span of days, e.g. "2026-12-28..2027-01-15"', ""),
        ("complete = 'no'", 'complete: "no" is not possible; write true or false', 'complete: "no" は使えません。trueかfalseを書いてください'),
        ("until = 2020-01-01\n[contract]\nends_on = 2027-03-31", "until: 2020-01-01 is before the story begins, 2026-04-01", ""),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named_with_what_to_write(text: str, en: str, ja: str) -> None:
    line = f"s.toml:{1 if en.split(':', maxsplit=1)[0] in ('titel', '2027-02-30', 'complete', 'until') else 2}  "
    assert mistakes(text) == [line + en]
    assert not ja or mistakes(text, Language.JA) == [line + ja]


def test_all_mistakes_are_named_at_once_from_the_top_down() -> None:
    assert [
        line.split()[0]
        for line in mistakes("titel = 'x'\n[contract]\nend_on = 1\n[2027-01-05]\ntold = 3\n")
    ] == [
        "s.toml:1",
        "s.toml:3",
        "s.toml:5",
    ]


def test_a_text_that_is_no_toml_is_explained_as_the_configuration_s_is() -> None:
    (line,) = mistakes("title = yes\n")
    assert line == "s.toml:1  not valid TOML: write true"
