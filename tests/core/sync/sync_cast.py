"""An account in Tokyo with its pipelines, owners and records, for tests of the sync."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.policy.hubspot import StageMap, StageRule
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.owners import Owner, Owners
from scheduler.core.sync.records import ChangeSource, PropertyVersion, Record
from scheduler.core.sync.stages import TheirPipeline, TheirStage
from scheduler.core.sync.terms import Account
from tests.cast import EXISTING, FALLBACK, label, policy

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
ACCOUNT = Account(TOKYO, "JPY", "4711")
NEW = Pipeline(
    "new_business",
    label("New business"),
    (
        Stage("qualified", StageKind.OPEN, label("Qualified")),
        Stage("problem_agreed", StageKind.OPEN, label("Problem agreed")),
        Stage("value_agreed", StageKind.OPEN, label("Value agreed")),
        Stage("terms_agreed", StageKind.OPEN, label("Terms agreed")),
        Stage("won", StageKind.WON, label("Won")),
        Stage("lost", StageKind.LOST, label("Lost")),
    ),
    FALLBACK,
    opens_pipeline=EXISTING.id,
)
ANN, LEFT, QUEUE = (
    Owner("71", "ann@example.com", "Ann Ito", "501"),
    Owner("72", "left@example.com", "", "502", active=False),
    Owner("73", "", "Renewals queue", queue=True),
)
OWNERS = Owners.of((ANN, LEFT, QUEUE))
OUR_APP = ChangeSource("INTEGRATION", "9001")
THEIR_UI = ChangeSource("CRM_UI", "userId:501")


def both() -> Policy:
    """The policy with both pipelines."""
    plain = policy()
    return Policy(
        **{
            name: getattr(plain, name)
            for name in plain.__dataclass_fields__
            if name not in ("pipelines", "remembered") and plain.__dataclass_fields__[name].init
        },
        pipelines={EXISTING.id: EXISTING, NEW.id: NEW},
    )


def stage(id: str, name: str, probability: str = "0.5") -> TheirStage:
    """A stage of theirs; closed where its probability is 0 or 1."""
    return TheirStage(id, name, probability in ("0.0", "1.0"), Decimal(probability))


CARE = TheirPipeline(
    "care",
    "Customers",
    (
        stage("c_stable", "Stable"),
        stage("c_calm", "Calm"),
        stage("c_risk", "At risk"),
        stage("c_3m", "Renewal (3 months)"),
        stage("c_won", "Won", "1.0"),
        stage("c_lost", "Lost", "0.0"),
    ),
)


def version(
    value: str, minutes: float, source: ChangeSource = THEIR_UI, user: str | None = None
) -> PropertyVersion:
    """An entry of a history, `minutes` after noon; a person's unless the source is another."""
    by = "501" if source == THEIR_UI else ""
    return PropertyVersion(
        value, NOON + timedelta(minutes=minutes), source, by if user is None else user
    )


def record(id: str = "1", **more: Any) -> Record:
    """A deal of the pipeline `care`."""
    histories: Mapping[str, tuple[PropertyVersion, ...]] = more.pop("histories", {})
    companies = more.pop("companies", None)
    properties = {"pipeline": "care", "dealstage": "c_stable"} | more
    return Record(id, properties, histories, created_at=NOON, companies=companies)


def rules(*lines: StageRule) -> StageMap:
    """A mapping."""
    return StageMap(lines)
