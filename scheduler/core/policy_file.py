"""The shape of `config.toml`: pydantic models of its tables, the JSON Schema for editors, and every structural mistake in words.

Always holds: unknown keys are refused with a suggestion; a value is either read exactly or reported with what to write instead. What the tables mean
together is checked by `policy_rules`, what becomes of them is `policy_reading`'s.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from scheduler.core.calendar import Closure
from scheduler.core.dates import MonthEnd, Offset, Shift
from scheduler.core.labels import Label
from scheduler.core.milestones import Tell
from scheduler.core.pipeline import AutoRenewal, StageKind
from scheduler.core.problems import near
from scheduler.core.words import Anchor, Health, Language

ADDRESS = re.compile(r"^(email:[^@\s]+@[^@\s]+\.[^@\s]+|slack:[#@]?[^\s]+)$")
_ID = re.compile(r"^[a-z][a-z0-9_]*$")


def _wrong(ja: str, en: str) -> PydanticCustomError:
    """An error that carries its words in both languages."""
    return PydanticCustomError("label", "{en}", {"ja": ja, "en": en})


def _text_with(read: Callable[[str], object], ja: str, en: str) -> BeforeValidator:
    """A text that `read` understands; it stays text here."""

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise _wrong(f"{value!r} {ja}", f"{value!r} {en}")
        try:
            read(value)
        except (ValueError, KeyError, OSError) as error:
            raise _wrong(f"「{value}」{ja}", f'"{value}" {en}') from error
        return value

    return BeforeValidator(check)


def _zone(name: str) -> object:
    return ZoneInfo(name)


def _zone_text(value: Any) -> Any:
    try:
        _zone(value)
    except (ValueError, KeyError, OSError, TypeError, AttributeError) as error:
        close = near(str(value), available_timezones()) or "Asia/Tokyo"
        raise _wrong(
            f"「{value}」というタイムゾーンはありません。「{close}」のことですか。", f'"{value}" is not a time zone; did you mean "{close}"?'
        ) from error
    return value


def hours(text: str) -> tuple[time, time]:
    """`09:00-18:00` as two times, the first the earlier. Raises ValueError."""
    opens, dash, closes = text.partition("-")
    first, last = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
    if not dash or first >= last:
        raise ValueError(text)
    return first, last


def _identifier(value: Any) -> Any:
    if not isinstance(value, str) or not _ID.match(value):
        raise _wrong(
            f"「{value}」はidに使えません。英小文字・数字・_ を使ってください(例：renewal_3m)",
            f'"{value}" cannot be an id; use lower-case letters, digits and _, e.g. renewal_3m',
        )
    return value


def _address(value: Any) -> Any:
    if not isinstance(value, str) or not ADDRESS.match(value):
        raise _wrong(
            f"「{value}」は宛先ではありません。例：email:cs@example.com、slack:#renewals",
            f'"{value}" is not an address; write e.g. "email:cs@example.com" or "slack:#renewals"',
        )
    return value


def _tell(value: Any) -> Any:
    roles = [t.value for t in Tell]
    if isinstance(value, str) and (value in roles or ADDRESS.match(value)):
        return value
    close = near(str(value), roles)
    raise _wrong(
        f"「{value}」には送れません。"
        + (f"「{close}」のことですか。" if close else f"役割({', '.join(roles)})か、email:… / slack:#… を書いてください"),
        f'"{value}" is nobody; ' + (f'did you mean "{close}"?' if close else f"write a role ({', '.join(roles)}) or an address (email:…, slack:#…)"),
    )


def _label(value: Any) -> Any:
    if isinstance(value, str):
        return {"ja": value, "en": value}
    if not isinstance(value, dict) or set(value) != {"ja", "en"} or not all(isinstance(v, str) for v in value.values()):
        raise _wrong('名前は { ja = "…", en = "…" } の形で書いてください', 'write a label as { ja = "…", en = "…" }')
    return value


def _offset_text(ja_example: str = "-3 months") -> BeforeValidator:
    return _text_with(Offset.parse, f'は期間として読めません。例："{ja_example}"、"3か月前"', f'is not an offset; write e.g. "{ja_example}"')


Id = Annotated[str, BeforeValidator(_identifier)]
Address = Annotated[str, BeforeValidator(_address)]
Zone = Annotated[str, BeforeValidator(_zone_text)]
Hours = Annotated[str, _text_with(hours, 'は時間帯ではありません。例："09:00-18:00"', 'are not hours of a day; write e.g. "09:00-18:00"')]
OffsetText = Annotated[str, _offset_text()]
WaitText = Annotated[str, _offset_text("30 days")]
ClosureText = Annotated[
    str,
    _text_with(
        lambda t: Closure.parse(t, ""), 'は期間として読めません。例："12-29..01-03"', 'is not a closure; write e.g. "12-29..01-03" or "2026-08-13"'
    ),
]


class Table(BaseModel):
    """The base of every table: nothing unknown, nothing guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class LabelTable(Table):
    """A name in both languages."""

    ja: str
    en: str

    def label(self) -> Label:
        """As the core knows it."""
        return Label(self.ja, self.en)


Named = Annotated[LabelTable, BeforeValidator(_label)]


class StageTable(Table):
    """One stage of a pipeline."""

    id: Id
    kind: Annotated[StageKind, Field(strict=False)]
    label: Named
    definition: Named = LabelTable(ja="", en="")
    health: Annotated[Health, Field(strict=False)] | None = None
    was: list[str] = []


class LostReasonTable(Table):
    """One reason for a loss."""

    id: Id
    label: Named


class PipelineTable(Table):
    """One pipeline: stages in their order and the rules for moving among them."""

    id: Id
    label: Named
    fallback: Address
    stages: list[StageTable]
    lost_reasons: list[LostReasonTable] = []
    default_active: str | None = None
    zone: Zone | None = None
    calendar: str | None = None
    onboarding_days: Annotated[int, Field(ge=0, le=3650)] = 0
    auto_renewal: Annotated[AutoRenewal, Field(strict=False)] = AutoRenewal.AT_DECIDE_BY
    allow_skip: bool = False
    allow_back: bool = False
    opens: str | None = None


class NotTable(Table):
    """`{ not = [...] }`: anything but these."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)
    not_: list[str | int | bool] = Field(alias="not")


WhereValue = bool | int | str | list[str | int | bool] | NotTable


class MilestoneTable(Table):
    """One milestone: a day counted from an anchor, for some deals, that moves and tells."""

    id: Id
    pipeline: str
    label: Named
    anchor: Annotated[Anchor, Field(strict=False)]
    offset: OffsetText
    shift: Annotated[Shift, Field(strict=False)] = Shift.NONE
    month_end: Annotated[MonthEnd, Field(strict=False)] = MonthEnd.CLAMP
    series: Id | None = None
    stages: list[str] = []
    where: dict[str, WhereValue] = {}
    moves_to: str | None = None
    tell: list[Annotated[str, BeforeValidator(_tell)]] = ["owner"]
    asks: bool = False
    ask: Named | None = None
    template: str | None = None
    open_until: WaitText | None = None
    spread: Annotated[int, Field(ge=0, le=60)] = 0
    was: list[str] = []


class ClosureTable(Table):
    """Days on which the company is closed."""

    days: ClosureText
    label: str


class CalendarTable(Table):
    """Public holidays of a country, and closures of the company's own. Without a country every Monday to Friday is a business day."""

    country: str | None = None
    subdivision: str | None = None
    closures: list[ClosureTable] = []


class MachineTable(Table):
    """What belongs to one machine and is not part of the policy."""

    sweep_seconds: Annotated[float, Field(ge=1, le=3600, strict=False)] = 30
    deliver_seconds: Annotated[float, Field(ge=1, le=3600, strict=False)] = 10
    log: Literal["auto", "text", "json"] = "auto"
    mail_from: str = ""
    mails_per_connection: Annotated[int, Field(ge=1)] = 100
    lease_seconds: Annotated[float, Field(ge=10, le=3600, strict=False)] = 120
    send_seconds: Annotated[float, Field(ge=1, le=600, strict=False)] = 30
    send_batch: Annotated[int, Field(ge=1, le=1000)] = 20


class ConfigTable(Table):
    """The whole file."""

    language: Annotated[Language, Field(strict=False)] = Language.JA
    zone: Zone = "Asia/Tokyo"
    calendar: str = "jp"
    hours: Hours = "09:00-18:00"
    admins: list[Address]
    resend_after_move: Annotated[int, Field(ge=0, le=366)] = 14
    email_unknown: Literal["resend", "hold"] = "resend"
    on_extension: Literal["renewed", "moved", "ask"] = "renewed"
    base_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "JPY"
    rates: dict[str, Annotated[float, Field(gt=0, strict=False)]] = {}
    calendars: dict[str, CalendarTable]
    pipelines: Annotated[list[PipelineTable], Field(min_length=1)]
    milestones: list[MilestoneTable] = []
    machine: MachineTable = MachineTable()


def config_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors that complete and check TOML (draft 2020-12)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ConfigTable.model_json_schema()}


Place = tuple[str | int, ...]


def structural(raw: Mapping[str, Any]) -> tuple[ConfigTable | None, list[tuple[Place, Label]]]:
    """The file's tables, or every structural mistake with its place."""
    try:
        return ConfigTable.model_validate(raw), []
    except ValidationError as error:
        return None, list(_unique(error))


def _unique(error: ValidationError) -> Iterator[tuple[Place, Label]]:
    """One problem per place: a union reports each of its members."""
    seen: set[Place] = set()
    for detail in error.errors():
        place = _place(detail)
        if place not in seen:
            seen.add(place)
            yield place, _worded(detail, place)


def _place(detail: ErrorDetails) -> Place:
    """Where it is in the file: what pydantic adds for members of a union is left out."""
    place = tuple(detail["loc"])
    if "where" in place:
        return place[: place.index("where") + 2]
    return tuple(p for p in place if p not in ("function-before[_label()]",))


def _worded(detail: ErrorDetails, place: Place) -> Label:
    """What is wrong and what to write instead, in both languages."""
    context = detail.get("ctx", {})
    kind, value = detail["type"], detail.get("input")
    if kind == "label":
        return Label(context["ja"], context["en"])
    if kind == "extra_forbidden":
        return _unknown_key(place)
    if kind == "missing":
        return Label("必須の設定がありません", "is required")
    if "where" in place:
        return Label(
            f"{value!r} は条件として読めません", f'{value!r} is not a condition; write e.g. ">= 1000000", ["smb", "mid"], true or {{ not = ["smb"] }}'
        )
    expected = str(context.get("expected", "")) or _EXPECTED.get(kind, detail["msg"])
    if kind in ("enum", "literal_error"):
        words = re.findall(r"'([^']*)'", expected)
        close = near(str(value), words)
        hint = f'did you mean "{close}"?' if close else f"write one of: {', '.join(words)}"
        return Label(
            f"「{value}」は使えません。" + (f"「{close}」のことですか。" if close else f"次のいずれか：{', '.join(words)}"),
            f'"{value}" is not known; {hint}',
        )
    bounds = " ".join(f"{k} {v}" for k, v in context.items() if k in ("ge", "le", "gt"))
    limit = bounds.replace("ge", "≥").replace("le", "≤").replace("gt", ">")
    return Label(f"{value!r} は使えません({expected or limit} {limit})".rstrip(), f"{value!r} is not possible; expected {limit or expected}")


_EXPECTED = {
    "string_type": "text in quotation marks",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list: [ … ]",
    "dict_type": "a table",
    "model_type": "a table",
    "too_short": "at least one",
    "string_pattern_mismatch": "three capital letters, e.g. JPY",
}


def _unknown_key(place: Place) -> Label:
    """A key that does not exist, with the one that was meant."""
    key, known = str(place[-1]), _keys_at(place[:-1])
    close = near(key, known)
    if close:
        return Label(f"「{key}」という設定はありません。「{close}」のことですか。", f'there is no setting "{key}"; did you mean "{close}"?')
    return Label(f"「{key}」という設定はありません。使えるもの：{', '.join(known)}", f'there is no setting "{key}"; there are: {", ".join(known)}')


def _keys_at(place: Place) -> list[str]:
    """The keys of the table at `place`."""
    names = [str(p) for p in place if isinstance(p, str)]
    models: dict[str, type[Table]] = {
        "": ConfigTable, "pipelines": PipelineTable, "stages": StageTable, "milestones": MilestoneTable, "machine": MachineTable,
        "lost_reasons": LostReasonTable, "calendars": CalendarTable, "closures": ClosureTable, "label": LabelTable, "definition": LabelTable,
    }  # fmt: skip
    for name in reversed(names):
        if name in models:
            return list(models[name].model_fields)
    return list(ConfigTable.model_fields)
