"""A story that is not complete leaves open whether somebody is asked how the customer does; one
that tells of that, or is complete, does not."""

from datetime import date

from scheduler.core.stories.judging import StoryLife, ToldOnDay, judge
from scheduler.core.stories.reading import read_story
from scheduler.core.stories.story import ExpectedTelling, Story

ASKED_ON = date(2026, 12, 31)
BOTH = StoryLife(
    tuple(
        ToldOnDay(ASKED_ON, ExpectedTelling("Ann", milestone, contract="C-1"))
        for milestone in ("renewal_3m", "pulse")
    )
)


def faults(complete: str, told: str) -> int:
    text = f'title = "T"\ncomplete = {complete}\n[contract]\nends_on = 2027-03-31\n'
    story = read_story(f"{text}[2026-12-31]\ntold = [{told}]\n", "s.toml")
    assert isinstance(story, Story), story
    return len(judge(story, BOTH))


def test_a_question_about_the_customer_beside_what_is_told_is_no_fault() -> None:
    assert faults("false", '"Ann renewal_3m"') == 0


def test_it_is_one_where_the_story_is_complete_or_tells_of_such_questions() -> None:
    assert faults("true", '"Ann renewal_3m"') == 1
    assert faults("false", '"Ann renewal_3m", "Ann pulse +1"') == 1
    assert faults("true", '"Ann renewal_3m", "Ann pulse"') == 0
