"""The kinds of files of signals that are known by their columns.

Two forms: one signal a row (`name`, `value`), or one column a measure. Kinds whose rows are events
(somebody left, a meeting) have neither: what their constants say is measured on the row's day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scheduler.core.health.measured import KNOWN
from scheduler.sources.kinds.profiles import CSV, Profile, names

SUBJECTS = ("subject", "contract", "customer")
"""What may say whom a row is about; the first that says something counts."""
_WHO = {
    "contract": (*CSV.headers["contract"], *names("subscription|subscription id")),
    "customer": (
        *CSV.headers["customer_id"],
        *CSV.headers["customer"],
        *names("customer or account|organization|organisation|client|tenant|workspace"),
    ),
    "source": names("source|system|データ元|取得元|出典"),
    "received": names("received at|received|known at|known on|受領日時|受領日|把握日"),
}
_AT = "at|time|timestamp|date|day|week|week of|week starting|measured at|日時|日付|週|計測日"


@dataclass(frozen=True, slots=True)
class SignalKind:
    """One kind of file. `measures` are the columns it may have, `constants` what all its rows
    say."""

    profile: Profile
    measures: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)

    def fits(self, header: tuple[str, ...]) -> bool:
        """Whether a header has what this kind needs, a measure of its own included."""
        found = self.profile.find(header)
        return self.profile.fits(header) and (
            not self.measures or not self.measures.isdisjoint(found)
        )


def _profile(
    kind: str, at: str, required: tuple[str, ...], more: Mapping[str, tuple[str, ...]]
) -> Profile:
    return Profile(kind, "signals", {**_WHO, "at": names(at), **more}, required)


def _of_group(group: str, at: str) -> SignalKind:
    """One column a measure."""
    columns = {m.name: names(f"{m.name}|{m.called}") for m in KNOWN.values() if m.group == group}
    return SignalKind(_profile(group, f"{at}|{_AT}", ("at",), columns), frozenset(columns))


def _of_events(kind: str, name: str, at: str) -> SignalKind:
    """One event a row."""
    return SignalKind(_profile(kind, at, ("at",), {}), constants={"name": name, "value": "1"})


def _kinds() -> Iterator[SignalKind]:
    subject = names("subject|subject id|対象|対象ID")
    kind = names("subject kind|kind|対象の種類|種類")
    long = {
        "name": names("name|signal|metric|measure|指標|指標名|シグナル"),
        "value": names("value|count|score|値|数値|件数|スコア"),
        "subject": subject,
        "kind": kind,
    }
    yield SignalKind(_profile("signals", _AT, ("name", "value", "at"), long))
    yield _of_events(
        "champions", "champion_left", "left on|departed on|departure date|退職日|離任日|異動日"
    )
    yield _of_events(
        "meetings", "meetings", "met on|meeting date|met at|面談日|打ち合わせ日|実施日"
    )
    yield _of_group("usage", "")
    yield _of_group("tickets", "as of|基準日")
    yield _of_group("surveys", "responded at|answered on|survey date|回答日|回答日時")
    yield _of_group("invoices", "as of|基準日")


SIGNAL_KINDS: Mapping[str, SignalKind] = {kind.profile.id: kind for kind in _kinds()}
_WIDE = SignalKind(
    _profile(
        "measures",
        f"as of|responded at|{_AT}|基準日|回答日",
        ("at",),
        {m.name: names(f"{m.name}|{m.called}") for m in KNOWN.values()},
    ),
    frozenset(KNOWN),
)
"""Measures of several kinds in one file."""


def recognise_signals(header: tuple[str, ...]) -> SignalKind:
    """The kind that fits a header and knows most of its columns; our own long form where none
    does."""
    fitting = [kind for kind in (*SIGNAL_KINDS.values(), _WIDE) if kind.fits(header)]
    return max(
        fitting,
        key=lambda kind: len(kind.profile.find(header)),
        default=SIGNAL_KINDS["signals"],
    )


NAMES = frozenset().union(*(kind.profile.names for kind in (*SIGNAL_KINDS.values(), _WIDE)))
"""Every column name that says something, normalised."""
