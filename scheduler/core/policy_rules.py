"""What the tables of `config.toml` must mean together: references that lead somewhere, stages that make a pipeline, milestones that leave nobody out.

Always holds: every check looks at the whole file, so all mistakes are found at once; each says what to write instead.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from scheduler.core.deal import SYSTEM_MILESTONES
from scheduler.core.labels import Label
from scheduler.core.milestones import WHERE_FIELDS
from scheduler.core.pipeline import StageKind
from scheduler.core.policy_file import ConfigTable, MilestoneTable, Place, PipelineTable
from scheduler.core.problems import near, unknown
from scheduler.core.words import Health, Paperwork

Found = tuple[Place, Label]
NUMBERS, FLAGS = ("amount", "term_months"), ("auto_renew", "evergreen", "estimated")
_WORDS: Mapping[str, tuple[str, ...]] = {"health": tuple(h.value for h in Health), "paperwork": tuple(p.value for p in Paperwork)}
_COMPARED = re.compile(r"^\s*(>=|<=|>|<)\s*(-?[\d,_]+)\s*$")
_SECRET = re.compile(r"^(xox[a-z]|xapp)-|://[^/\s:@]*:[^@\s/]+@")
_SECRET_KEYS = {
    "token": "SLACK_BOT_TOKEN",
    "slack_token": "SLACK_BOT_TOKEN",
    "password": "SMTP_URL",
    "smtp_url": "SMTP_URL",
    "database_url": "DATABASE_URL",
}


def rules(config: ConfigTable, templates: Collection[str]) -> list[Found]:
    """Every mistake in what the tables mean. `templates`: the names of the message templates there are."""
    found = [*_calendar_names(config), *_same_ids(("pipelines",), [p.id for p in config.pipelines])]
    found += _same_ids(("milestones",), [i for m in config.milestones for i in (m.id,)])
    for number, pipeline in enumerate(config.pipelines):
        found += _pipeline(pipeline, ("pipelines", number), config)
    for number, milestone in enumerate(config.milestones):
        found += _milestone(milestone, ("milestones", number), config, templates)
    return found


def secrets(raw: Any, place: Place = ()) -> Iterator[Found]:
    """Passwords and tokens written into the file."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            named = _SECRET_KEYS.get(str(key).lower())
            if named and isinstance(value, str):
                yield (*place, key), _secret(named)
            else:
                yield from secrets(value, (*place, key))
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from secrets(value, (*place, number))
    elif isinstance(raw, str) and _SECRET.search(raw):
        yield place, _secret("SLACK_BOT_TOKEN" if raw.startswith("x") else "SMTP_URL" if raw.startswith("smtp") else "DATABASE_URL")


def _secret(name: str) -> Label:
    return Label(
        f"パスワードやトークンは設定ファイルに書けません。環境変数 {name} (または {name}_FILE)に置いてください",
        f"a password or token may not stand in this file; put it into the environment variable {name} (or name a file in {name}_FILE)",
    )


def _same_ids(place: Place, ids: Sequence[str]) -> Iterator[Found]:
    """Ids used twice."""
    for id, times in Counter(ids).items():
        if times > 1:
            second = [n for n, i in enumerate(ids) if i == id][1]
            yield (
                (*place, second, "id"),
                Label(f"idの「{id}」が重複しています。別のidにしてください", f'the id "{id}" is used twice; give this one another'),
            )


def _calendar_names(config: ConfigTable) -> Iterator[Found]:
    """Calendars that are named must exist."""
    named: list[tuple[Place, str | None]] = [(("calendar",), config.calendar)]
    named += [(("pipelines", n, "calendar"), p.calendar) for n, p in enumerate(config.pipelines)]
    for place, name in named:
        if name is not None and name not in config.calendars:
            yield place, unknown(name, config.calendars, "カレンダー", "calendar")


def _pipeline(pipeline: PipelineTable, place: Place, config: ConfigTable) -> Iterator[Found]:
    """One pipeline's stages."""
    yield from _same_ids((*place, "stages"), [s.id for s in pipeline.stages])
    yield from _same_ids((*place, "lost_reasons"), [r.id for r in pipeline.lost_reasons])
    lost = [n for n, s in enumerate(pipeline.stages) if s.kind is StageKind.LOST]
    if len(lost) > 1:
        yield (
            (*place, "stages", lost[1]),
            Label(
                "失注のステージは1つだけにしてください。どこまで進んで失注したかは、通過履歴のレポート(renewals report passage)でわかります",
                "a pipeline has one lost stage; how far a lost deal had come is a report over the stages it passed (renewals report passage)",
            ),
        )
    for kind, ja in ((StageKind.WON, "受注"), (StageKind.LOST, "失注")):
        if sum(s.kind is kind for s in pipeline.stages) == 0 or (kind is StageKind.WON and sum(s.kind is kind for s in pipeline.stages) > 1):
            yield (
                (*place, "stages"),
                Label(f'{ja}(kind = "{kind.value}")のステージがちょうど1つ必要です', f'exactly one stage of kind "{kind.value}" is needed'),
            )
    yield from _healths(pipeline, place)
    if not [s for s in pipeline.stages if s.kind not in (StageKind.WON, StageKind.LOST)]:
        yield (*place, "stages"), Label("進行中のステージが必要です", "at least one open stage is needed")
    pipelines = [p.id for p in config.pipelines]
    if pipeline.opens is not None and pipeline.opens not in pipelines:
        yield (*place, "opens"), unknown(pipeline.opens, pipelines, "パイプライン", "pipeline")


def _healths(pipeline: PipelineTable, place: Place) -> Iterator[Found]:
    """Active stages stand for one health each, and one of them is the default."""
    active = [(n, s) for n, s in enumerate(pipeline.stages) if s.kind is StageKind.ACTIVE]
    taken: set[Health] = set()
    for number, stage in active:
        if stage.health is None or stage.health is Health.UNKNOWN or stage.health in taken:
            yield (
                (*place, "stages", number),
                Label(
                    "稼働中のステージには、他と重ならないhealth(stable, at_risk, critical)が必要です",
                    "an active stage needs a health of its own: stable, at_risk or critical",
                ),
            )
        else:
            taken.add(stage.health)
    for number, stage in enumerate(pipeline.stages):
        if stage.kind is not StageKind.ACTIVE and stage.health is not None:
            yield (
                (*place, "stages", number, "health"),
                Label('healthは稼働中(kind = "active")のステージだけに書けます', 'only a stage of kind "active" has a health'),
            )
    names = [s.id for _, s in active]
    if pipeline.default_active is not None and pipeline.default_active not in names:
        yield (*place, "default_active"), unknown(pipeline.default_active, names, "稼働中のステージ", "active stage")


def _milestone(milestone: MilestoneTable, place: Place, config: ConfigTable, templates: Collection[str]) -> Iterator[Found]:
    """One milestone."""
    if milestone.id in SYSTEM_MILESTONES:
        yield (
            (*place, "id"),
            Label(
                f"「{milestone.id}」はプログラムが使うidです。別のidにしてください", f'the id "{milestone.id}" is the program\'s own; choose another'
            ),
        )
    pipeline = next((p for p in config.pipelines if p.id == milestone.pipeline), None)
    if pipeline is None:
        yield (*place, "pipeline"), unknown(milestone.pipeline, [p.id for p in config.pipelines], "パイプライン", "pipeline")
    else:
        yield from _stages_of(milestone, place, pipeline)
    for field, value in milestone.where.items():
        yield from _condition(field, value, (*place, "where", field))
    if milestone.template is not None and milestone.template not in templates:
        yield (*place, "template"), unknown(milestone.template, sorted(templates), "テンプレート", "template")


def _stages_of(milestone: MilestoneTable, place: Place, pipeline: PipelineTable) -> Iterator[Found]:
    """The stages a milestone names, and those it must not leave out."""
    known = {s.id: s for s in pipeline.stages} | {w: s for s in pipeline.stages for w in s.was}
    for number, name in enumerate(milestone.stages):
        if name not in known:
            yield (*place, "stages", number), unknown(name, [s.id for s in pipeline.stages], "ステージ", "stage")
    if milestone.moves_to is None:
        return
    target = known.get(milestone.moves_to)
    if target is None:
        yield (*place, "moves_to"), unknown(milestone.moves_to, [s.id for s in pipeline.stages], "ステージ", "stage")
    elif target.kind in (StageKind.WON, StageKind.LOST):
        yield (
            (*place, "moves_to"),
            Label(
                "通知タイミングで取引を終了させることはできません。更新・進行中のステージを指定してください",
                "a milestone cannot close a deal; name an open stage",
            ),
        )
    elif milestone.stages and target.kind is StageKind.RENEWAL:
        before = [s for s in pipeline.stages[: pipeline.stages.index(target)] if s.kind not in (StageKind.WON, StageKind.LOST)]
        left_out = [s.id for s in before if s.id not in milestone.stages and s.kind is not StageKind.RENEWAL]
        if left_out:
            yield (
                (*place, "stages"),
                Label(
                    f"更新の系列から漏れているステージがあります：{', '.join(left_out)}。そこにいる取引は更新の時期を逃します。stagesから外さないでください",
                    f"these stages are missing: {', '.join(left_out)}; a deal that is still there would never be renewed. Add them, or leave stages out",
                ),
            )


def _condition(field: str, value: Any, place: Place) -> Iterator[Found]:
    """One condition of `where`."""
    if field not in WHERE_FIELDS:
        yield place, unknown(field, WHERE_FIELDS, "条件の項目", "field for a condition")
        return
    values = value.not_ if hasattr(value, "not_") else value if isinstance(value, list) else [value]
    if field in NUMBERS and not all(isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str) and _COMPARED.match(v) for v in values):
        yield place, Label(f'{field}は数値で比べます。例：">= 1000000"', f'{field} is compared as a number; write e.g. ">= 1000000"')
    elif field in FLAGS and not all(isinstance(v, bool) for v in values):
        yield place, Label(f"{field}はtrueかfalseです", f"{field} is true or false")
    elif field not in (*NUMBERS, *FLAGS):
        for word in values:
            words = _WORDS.get(field)
            if not isinstance(word, str):
                yield place, Label(f"{field}は文字列です", f"{field} is text in quotation marks")
            elif words and word not in words:
                close = near(word, words)
                yield (
                    place,
                    Label(
                        f"「{word}」は使えません。次のいずれか：{', '.join(words)}",
                        f'"{word}" is not known; ' + (f'did you mean "{close}"?' if close else f"write one of: {', '.join(words)}"),
                    ),
                )
