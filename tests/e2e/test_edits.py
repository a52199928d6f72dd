"""Ten realistic edits of a policy that runs: what the plan says is what the daemon then does, row
for row, over the following 60 days.

In CI on made-up contracts; `pytest --soak tests/e2e/test_edits.py --contracts FILE` does the same
on a file in the columns of docs/mappings/act_contracts.toml. The program's own parts, a real SQLite
file, and a clock that the test moves; nobody answers.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from scheduler.app.policy_edits.keeper import file_policy
from scheduler.app.policy_edits.planned import apply_edit, plan_edit, read_edit
from scheduler.app.ready import open_app
from scheduler.app.wiring import App
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Language
from scheduler.services.imports.importing import import_contracts
from scheduler.services.imports.people import import_people
from scheduler.services.policy.effects import Effect
from scheduler.services.policy.planning import Planned
from scheduler.sources.contracts import open_contracts
from scheduler.sources.mappings.contracts import read_mapping
from scheduler.sources.people import open_people
from tests.e2e.process import REPOSITORY, Folder
from tests.e2e.test_attention_year import Moved, of_reps
from tests.e2e.year import FIRST_DAY, made_up
from tests.services.stored_life import live_stored
from tests.storage.builders import T

SYDNEY = ZoneInfo("Australia/Sydney")
EDITED_ON, DAYS = date(2026, 3, 10), 60
NOW = datetime.combine(EDITED_ON, time(11, 0), SYDNEY).astimezone(UTC)
UNTIL_ON = EDITED_ON + timedelta(days=DAYS - 1)
UNTIL = datetime.combine(UNTIL_ON + timedelta(days=1), time(0), SYDNEY).astimezone(UTC)
SETTINGS = (
    ('zone = "Asia/Tokyo"', 'zone = "Australia/Sydney"'),
    ('calendar = "jp"', 'calendar = "weekdays"'),
    ('language = "ja"', 'language = "en"'),
    ("flood_nudges = 25", "flood_nudges = 40"),
)
SIXTY = """
[[milestones]]
id = "renewal_60d"
pipeline = "existing"
label = { ja = "契約更新60日前", en = "60 days before renewal" }
anchor = "ends_on"
offset = "-60 days"
series = "renewal"
tell = ["owner", "manager"]
asks = true

[machine]
"""
CLOSED_FOR_EASTER = (
    '\n[calendars.weekdays]\nclosures = [{ days = "04-01..04-12", label = "Easter" }]\n'
)

Edit = tuple[tuple[str, str], ...]
EDITS: dict[str, Edit] = {
    "offset changed": (('offset = "-3 months"', 'offset = "-4 months"'),),
    "milestone added": (("\n[machine]\n", SIXTY),),
    "milestone removed": (('[[milestones]]\nid = "renewal_1m"', "MILESTONE"),),
    "milestone renamed": (
        ('id = "renewal_3m"\npipeline', 'id = "renewal_early"\nwas = ["renewal_3m"]\npipeline'),
    ),
    "stage renamed": (
        ('{ id = "renewal_3m",', '{ id = "renewal_early", was = ["renewal_3m"],'),
        ('moves_to = "renewal_3m"', 'moves_to = "renewal_early"'),
    ),
    "stage added": (
        (
            '  { id = "renewal_1m", kind',
            (
                '  { id = "renewal_2m", kind = "renewal", label = { ja = "2か月前", en = "2 '
                'months" } },\n  { id = "renewal_1m", kind'
            ),
        ),
        ("\n[machine]\n", SIXTY.replace("asks = true", 'asks = true\nmoves_to = "renewal_2m"')),
    ),
    "recipients changed": (('tell = ["owner"]', 'tell = ["manager", "slack:#renewals"]'),),
    "business-day shift": (
        (
            'offset = "-1 month"\nshift = "earlier"',
            'offset = "-1 month -5 business days"\nshift = "later"',
        ),
    ),
    "zone": (('zone = "Australia/Sydney"', 'zone = "Europe/London"'),),
    "holiday closure": (("\n[calendars.weekdays]", CLOSED_FOR_EASTER),),
}
SOME = ("offset changed", "milestone removed", "milestone renamed", "recipients changed", "zone")
"""Those that are tried each time; all are with `--soak`."""


@dataclass
class Base:
    """A folder that has run until the edit, and what happened in the next 60 days without one."""

    path: Path
    unedited: Counter[tuple[Any, ...]]


@contextmanager
def opened(path: Path, at: datetime) -> Iterator[App]:
    with open_app(path, language=Language.EN, env={}, edits=True, clock=Moved(at)) as app:
        yield app


def edited(text: str, edit: Edit) -> str:
    """The text with an edit; MILESTONE drops the whole milestone."""
    for old, new in edit:
        assert old in text, old
        if new == "MILESTONE":
            start = text.index(old)
            text = text[:start] + text[text.index("[[milestones]]", start + 1) :]
        else:
            text = text.replace(old, new, 1)
    return text


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Base:
    """Contracts of twenty reps, first loaded on New Year's Day and lived until the day of the
    edit."""
    path = tmp_path_factory.mktemp("edits") / "work"
    real = request.config.getoption("--contracts")
    contracts = of_reps(
        Path(real) if real else made_up(path.parent / "made_up.csv", 50),
        path.parent / "contracts.csv",
    )
    path.mkdir()
    config = (REPOSITORY / "config.toml").read_text("utf-8")
    (path / "config.toml").write_text(edited(config, SETTINGS), "utf-8")
    people = [f"Rep {n:02},rep{n:02}@example.com,rep,Boss" for n in range(20)]
    (path / "people.csv").write_text(
        "\n".join(["name,email,role,manager", "Boss,boss@example.com,manager,", *people]), "utf-8"
    )
    first = datetime.combine(FIRST_DAY, time(9), SYDNEY).astimezone(UTC)
    with opened(path, first) as app:
        import_people(app.importing_people, open_people(path / "people.csv", app.policy), first)
        mapping = read_mapping(REPOSITORY / "docs/mappings/act_contracts.toml")
        import_contracts(
            app.imports, open_contracts(contracts, app.policy, mapping=mapping), app.policy, first
        )
        live_stored(app.engine, app.policy, first, NOW)
    return Base(path, lived_60_days(copy_of(path, path.parent / "unedited")))


def copy_of(path: Path, to: Path) -> Path:
    shutil.copytree(path, to)
    return to


def lived_60_days(path: Path) -> Counter[tuple[Any, ...]]:
    """What the daemon does from the edit's instant on."""
    with opened(path, NOW) as app:
        queued = waiting(app)
        live_stored(app.engine, app.policy, NOW, UNTIL)
        return Counter(noticed(app, queued))


def waiting(app: App) -> set[str]:
    """Keys of the nudges that wait."""
    with app.reading.connect() as connection:
        return set(
            connection.scalars(
                select(T["nudges"].c.key).where(T["nudges"].c.state.in_(("waiting", "held")))
            )
        )


def noticed(app: App, queued: set[str]) -> Iterable[tuple[Any, ...]]:
    """Moves, and nudges with where and when they went; of those that were dropped, those that
    waited at the edit."""
    deals, passages, nudges, messages = (
        T[name] for name in ("deals", "passages", "nudges", "messages")
    )
    zone = ZoneInfo(app.policy.zone)
    with app.reading.connect() as connection:
        columns = (deals.c.key, passages.c.from_stage, passages.c.to_stage, passages.c.at)
        query = select(*columns).join(deals, deals.c.id == passages.c.deal_id)
        for key, here, there, at in connection.execute(
            query.where(passages.c.at >= NOW, passages.c.from_stage.is_not(None))
        ):
            yield ("move", key, here, there, 0, "", at.astimezone(zone).date(), "")
        about = (
            deals.c.key.label("deal"),
            nudges.c.key,
            nudges.c.milestone,
            nudges.c.step,
            nudges.c.recipient,
            nudges.c.state,
            messages.c.window_on,
        )
        joined = (
            select(*about)
            .join(deals, deals.c.id == nudges.c.deal_id)
            .outerjoin(messages, messages.c.id == nudges.c.message_id)
        )
        for row in connection.execute(
            joined.where((nudges.c.created_at >= NOW) | nudges.c.key.in_(queued))
        ):
            if row.state != "cancelled" or row.key in queued:
                yield (
                    "nudge",
                    row.deal,
                    "",
                    row.milestone,
                    row.step,
                    row.recipient,
                    row.window_on if row.state == "sent" else None,
                    row.state,
                )


def named(rows: Counter[tuple[Any, ...]], policy: Policy) -> Counter[tuple[Any, ...]]:
    """Rows with the edited policy's names of stages and milestones; a deal that stays in a renamed
    stage does not move."""
    pipeline, found = policy.pipelines["existing"], Counter[tuple[Any, ...]]()
    for (kind, deal, here, what, *rest), count in rows.items():
        if kind == "move":
            one, other = pipeline.find(here), pipeline.find(what)
            assert one is not None
            assert other is not None
            if one.id != other.id:
                found[kind, deal, "", other.id, *rest] += count
        else:
            milestone = policy.milestone(what)
            found[kind, deal, "", milestone.id if milestone else what, *rest] += count
    return found


def of_effects(effects: Iterable[Effect]) -> Counter[tuple[Any, ...]]:
    """Effects as `noticed` gives them."""
    return Counter(
        (
            e.kind,
            e.deal,
            "",
            e.what,
            e.step,
            e.recipient,
            e.on if e.kind == "move" or e.state == "sent" else None,
            e.state,
        )
        for e in effects
    )


def plan_of(path: Path, edit: Edit) -> Planned:
    """The plan of an edit, made and applied."""
    (path / "draft.toml").write_text(
        edited((path / "config.toml").read_text("utf-8"), edit), "utf-8"
    )
    with opened(path, NOW) as app:
        planned = plan_edit(app, file_policy(read_edit(app, path / "draft.toml")), UNTIL_ON, "test")
        assert apply_edit(app, planned.plan, "test") == 2
    shutil.copy(path / "draft.toml", path / "config.toml")
    return planned


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in SOME else [pytest.mark.soak]) for n in EDITS]
)
def test_the_plan_is_what_the_daemon_then_does(base: Base, tmp_path: Path, name: str) -> None:
    path = copy_of(base.path, tmp_path / "work")
    planned = plan_of(path, EDITS[name])
    happened = lived_60_days(path)
    with opened(path, UNTIL) as app:
        policy = app.policy
    unedited, happened = named(base.unedited, policy), named(happened, policy)
    assert policy.version == 2
    assert lines(happened - unedited) == lines(of_effects(planned.effects.came))
    assert lines(unedited - happened) == lines(of_effects(planned.effects.went))
    assert never_backwards(path, base.path)


def lines(rows: Counter[tuple[Any, ...]]) -> list[str]:
    """Rows to be compared."""
    return sorted(str(row) for row in rows.elements())


def never_backwards(path: Path, before: Path) -> bool:
    """Whether no deal stands in an earlier stage at once after the edit than before it."""
    order = {
        stage: n
        for n, stage in enumerate(
            (
                "onboarding",
                "stable",
                "at_risk",
                "critical",
                "renewal_3m",
                "renewal_early",
                "renewal_2m",
                "renewal_1m",
            )
        )
    }
    at_edit = Folder(path).rows(
        f"SELECT from_stage, to_stage FROM passages WHERE at >= '{NOW:%Y-%m-%d %H:%M:%S}' AND "
        "from_stage IS NOT NULL"
    )
    return all(order.get(str(b), 99) >= order.get(str(a), 0) for a, b in at_edit)
