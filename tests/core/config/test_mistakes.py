"""Whatever stands in whatever place of the file, it is taken as it is or refused there, in words;
never a traceback, never something in between."""

import copy
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.core.config.mistakes import Place, one_of, structural, unknown
from scheduler.core.config.places import dotted
from scheduler.core.config.tables.config import CONFIG
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from tests.core.config.test_reading import problems

FULL = """
language = "ja"
zone = "Asia/Tokyo"
calendar = "jp"
hours = "09:00-18:00"
admins = ["email:admin@example.com"]
resend_after_move = 14
email_unknown = "resend"
on_extension = "renewed"
base_currency = "JPY"
rates = { USD = 150.0 }
[import]
edits = "ask"
[calendars.jp]
country = "GB"
subdivision = "ENG"
weekend = ["sat", "sun"]
closures = [{ days = "12-29..01-03", label = "Year end" }]
[[pipelines]]
id = "existing"
label = { ja = "既存顧客", en = "Existing" }
fallback = "email:cs@example.com"
default_active = "stable"
zone = "Asia/Tokyo"
calendar = "jp"
onboarding_days = 30
auto_renewal = "at_end"
allow_skip = true
allow_back = true
opens = "second"
stages = [
  { id = "onboarding", kind = "onboarding", label = "Onboarding", definition = "New", was = ["kick_off"] },
  { id = "stable", kind = "active", health = "stable", label = "Stable" },
  { id = "renewal", kind = "renewal", label = "Renewal" },
  { id = "won", kind = "won", label = "Won" },
  { id = "lost", kind = "lost", label = "Lost" },
]
lost_reasons = [{ id = "other", label = "Other" }]
[[pipelines]]
id = "second"
label = "Second"
fallback = "email:cs@example.com"
stages = [{ id = "a", kind = "open", label = "A" }, { id = "won", kind = "won", label = "Won" }, { id = "lost", kind = "lost", label = "Lost" }]
lost_reasons = [{ id = "other", label = "Other" }]
[[milestones]]
id = "first"
pipeline = "existing"
label = "First"
anchor = "ends_on"
offset = "-3 months"
shift = "earlier"
month_end = "stick"
series = "renewal"
stages = ["onboarding", "stable"]
where = { amount = ">= 100", segment = ["smb"], health = { not = ["critical"] }, auto_renew = true }
moves_to = "renewal"
tell = ["owner", "email:cs@example.com"]
asks = true
ask = "What do they say?"
template = "default"
open_until = "30 days"
spread = 5
repeat_every = 5
was = ["old"]
[[milestones]]
id = "review"
pipeline = "existing"
label = "Review"
anchor = "starts_on"
offset = "0 days"
every = "3 months"
[attention]
repeat_every = 3
owner_repeats = 2
manager_repeats = 2
admin_repeats = 1
last_call = true
one_question_days = 7
seen_for = 5
call_for = 10
absence_days = 3
urgent_days = 5
urgent_amount = 10_000_000
pressing_days = 7
flood_nudges = 25
digest_on = "mon"
digest_at = "09:00"
[hubspot]
every_seconds = 60
overlap_minutes = 15
language = "en"
push = true
create_renewals = false
fields = { ends_on = "contract_end" }
[hubspot.stages]
"default/closedwon" = { to = "existing", bought = true }
"default/closedlost" = { to = "existing/lost", after = "renewal" }
"default/8012" = { to = "existing", without_contract = "second/a", close_date = "end" }
"default/8013" = { to = "existing/stable", target = true }
[forecast]
commit = 90
likely = 75
at_risk = 30
not_assessed = 50
notice = 5
least = 10
[machine]
base_url = "https://renewals.example.com"
listen = "127.0.0.1:8787"
health_listen = "127.0.0.1:8788"
heartbeat_url = "https://hc-ping.example/7f3a"
sweep_seconds = 30
deliver_seconds = 10.5
apply_edits = true
log = "auto"
mail_from = "cs@example.com"
mails_per_connection = 100
lease_seconds = 120
send_seconds = 30
send_batch = 20
backups = "/backup/renewals"
backup_at = "02:00"
backups_kept = 30
"""
RAW = tomllib.loads(FULL)
ODD: list[Any] = [
    "x y",
    "",
    7,
    -1,
    1.5,
    float("nan"),
    True,
    date(2026, 8, 13),
    [],
    ["x y"],
    [[]],
    {},
    {"x y": 1},
]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place of a document."""
    if at:
        yield at
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*at, step))


def toml(value: Any) -> str:
    """A value as TOML, all on one line."""
    match value:
        case dict():
            return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case date():
            return value.isoformat()
        case float():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def written(raw: dict[str, Any]) -> str:
    """A document, one line for each key at the top."""
    return "\n".join(f"{key} = {toml(value)}" for key, value in raw.items())


def changed(place: Place, *value: Any) -> str:
    """The full file with another value in one place; with none the place is gone."""
    raw = copy.deepcopy(RAW)
    around: Any = raw
    for step in place[:-1]:
        around = around[step]
    if value:
        around[place[-1]] = value[0]
    else:
        del around[place[-1]]
    return written(raw)


def test_the_full_file_uses_every_setting_and_is_accepted() -> None:
    assert problems(FULL) == []
    table, _ = structural(RAW, CONFIG)
    assert table is not None
    assert table.hubspot is not None
    whole = (
        table,
        table.pipelines[0],
        table.pipelines[0].stages[0],
        table.milestones[0],
        table.attention,
        table.hubspot,
    )
    for model in (*whole, table.machine, table.calendars["jp"]):
        assert model.model_fields_set | {"health", "every"} >= set(type(model).model_fields), type(
            model
        )


@pytest.mark.parametrize("place", list(places(RAW)), ids=dotted)
def test_every_place_refuses_what_cannot_stand_there_and_nothing_else_is_said(place: Place) -> None:
    refused = 0
    for value in ODD:
        found = problems(changed(place, value))
        refused += bool(found)
        for problem in found:
            assert all(problem.shown(language).isprintable() for language in Language)
            assert (
                dotted(place).startswith(problem.path)
                or problem.path.startswith(dotted(place))
                or (place, value) == (("calendars",), {})
            )
    assert refused


def test_what_is_required_is_called_missing_and_the_rest_may_be_left_out() -> None:
    missing = {
        p.path
        for place in places(RAW)
        for p in problems(changed(place))
        if p.text.en == "is required"
    }
    stages = {
        f"pipelines[{n}].stages[{m}].{key}"
        for n, many in ((0, 5), (1, 3))
        for m in range(many)
        for key in ("id", "kind", "label")
    }
    reasons = {f"pipelines[{n}].lost_reasons[0].{key}" for n in (0, 1) for key in ("id", "label")}
    pipelines = {
        f"pipelines[{n}].{key}" for n in (0, 1) for key in ("id", "label", "fallback", "stages")
    }
    milestone = {
        f"milestones[{n}].{key}"
        for n in (0, 1)
        for key in ("id", "pipeline", "label", "anchor", "offset")
    }
    hubspot = {"hubspot.stages"} | {
        f'hubspot.stages."default/{stage}".to'
        for stage in ("closedwon", "closedlost", "8012", "8013")
    }
    closure = {f"calendars.jp.closures[0].{key}" for key in ("days", "label")}
    assert (
        missing
        == {"admins", "calendars", "pipelines"}
        | stages
        | reasons
        | pipelines
        | milestone
        | closure
        | hubspot
    )


def test_a_document_that_comes_from_a_file_is_read_without_the_file() -> None:
    table, found = structural(tomllib.loads(shipped_config()), CONFIG)
    assert (table is not None, found) == (True, [])


def test_a_word_is_compared_with_those_there_are() -> None:
    assert (
        one_of("erlier", ["earlier", "later"]).en
        == '"erlier" is not known; did you mean "earlier"?'
    )
    assert one_of(3, ["earlier", "later"]).ja == "3 は使えません。次のいずれか：earlier, later"
    assert (
        unknown("x", [], Label.given({"ja": "ステージ", "en": "stage"})).en
        == 'there is no stage "x"; there are: —'
    )
