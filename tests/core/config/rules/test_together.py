"""What must hold between the tables. The sentences are in tests/data/config."""

import pytest

from tests.core.config.test_mistakes import FULL
from tests.core.config.test_reading import MINIMAL, problems

PIPELINE = """
[[pipelines]]
id = "{id}"
label = "Another"
fallback = "email:cs@example.com"
{opens}
stages = [
  {{ id = "first", kind = "open", label = "First" }},
  {{ id = "won", kind = "won", label = "Won" }},
  {{ id = "lost", kind = "lost", label = "Lost" }},
]
lost_reasons = [{{ id = "other", label = "Other" }}]
"""


def opening(**opens: str) -> list[tuple[str, str]]:
    """What is said of pipelines, each with the one it opens (`existing` is there too)."""
    text = MINIMAL + "".join(
        PIPELINE.format(id=id, opens=f'opens = "{to}"' if to else "") for id, to in opens.items()
    )
    return [(p.path, p.text.en) for p in problems(text)]


def test_several_pipelines_may_open_the_same_one() -> None:
    assert opening(a="existing", b="existing", c="a") == []


def test_a_circle_is_told_once_at_its_first_pipeline_by_name() -> None:
    assert opening(c="a", a="b", b="c") == [
        ("pipelines[2].opens", "a → b → c → a is a circle; remove one opens")
    ]


def test_a_pipeline_that_leads_into_a_circle_is_not_part_of_it() -> None:
    assert [path for path, _ in opening(x="a", a="b", b="a")] == ["pipelines[2].opens"]


@pytest.mark.parametrize(
    ("send", "lease", "fine"),
    [("30", "120", True), ("29.9", "30", True), ("30", "30", False), ("31", "30", False)],
)
def test_sending_ends_before_another_worker_may_take_the_message(
    send: str, lease: str, fine: bool
) -> None:
    text = FULL.replace("lease_seconds = 120", f"lease_seconds = {lease}").replace(
        "send_seconds = 30", f"send_seconds = {send}"
    )
    assert [p.path for p in problems(text)] == ([] if fine else ["machine.send_seconds"])


@pytest.mark.parametrize(
    ("listen", "health_listen", "fine"),
    [
        ("127.0.0.1:8787", "127.0.0.1:8788", True),
        ("127.0.0.1:0", "127.0.0.1:0", True),
        ("", "127.0.0.1:8787", True),
        ("", "", True),
        ("127.0.0.1:8787", "127.0.0.1:8787", False),
        ("0.0.0.0:8787", "127.0.0.1:8787", False),
        ("127.0.0.1:8787", "localhost:8787", False),
    ],
)
def test_pages_and_watching_need_two_ports(listen: str, health_listen: str, fine: bool) -> None:
    text = f'{MINIMAL}\n[machine]\nlisten = "{listen}"\nhealth_listen = "{health_listen}"\n'
    assert [p.path for p in problems(text)] == ([] if fine else ["machine.health_listen"])


def test_ids_need_be_unique_only_where_they_are_looked_for() -> None:
    assert problems(MINIMAL + PIPELINE.format(id="another", opens="")) == []


def test_every_calendar_that_is_named_is_looked_for() -> None:
    text = MINIMAL.replace("[[pipelines]]\n", '[[pipelines]]\ncalendar = "uk"\n')
    assert [(p.path, p.text.en) for p in problems(f'calendar = "us"\n{text}')] == [
        ("calendar", 'there is no calendar "us"; there are: jp'),
        ("pipelines[0].calendar", 'there is no calendar "uk"; there are: jp'),
    ]
