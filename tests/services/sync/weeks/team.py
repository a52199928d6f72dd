"""The people of an account in a lively week: what a crowd does (`tests.servers.hubspot.crowd`), on
deals of existing customers above all, with renewals, rules and approvals of an admin's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.servers.hubspot import Crowd
from tests.services.sync.in_step import CARE, SALES, STAGES

ELSE = "else"
LIVELY: Mapping[str, int] = {
    "move": 34,
    "edit": 10,
    "end": 6,
    "give": 6,
    "create": 3,
    "renew": 4,
    "archive": 4,
    "restore": 5,
    "merge": 3,
    "link": 3,
    "unlink": 2,
    "bulk": 2,
    "leave": 1,
    "return": 2,
    "automation": 3,
    "workflow": 3,
    "delete": 1,
    "rule": 3,
    "approval": 2,
    "approve": 3,
    "lose": 2,
    "relabel": 1,
}
"""How often each kind of act comes, against the others."""
_RULES = (
    (STAGES["lost"], ("closed_lost_reason",)),
    (STAGES["at_risk"], ("hs_next_step",)),
    (STAGES["renewal_3m"], ("closedate",)),
)


@dataclass
class Team(Crowd):
    """`passes` lets a moment go by before and after each act."""

    weights: Mapping[str, int] = field(default_factory=lambda: dict(LIVELY))
    passes: Callable[[], None] = lambda: None

    def acts(self, what: str = "") -> str:
        """One act, at a moment of its own."""
        self.passes()
        told = super().acts(what)
        self.passes()
        return told

    def _stage(self) -> str:
        """Mostly one of existing customers."""
        pipeline = self._chance.choices((CARE, SALES, ELSE), (90, 5, 5))[0]
        return self._chance.choice(list(self.server.portal.pipelines.pipelines[pipeline].stages))

    def _end(self) -> str:
        """A correction of some days, or about another year."""
        record, by = self._deal(), self._active()
        if record is None:
            return ""
        days = self._chance.choice((-20, -3, 5, 15, 30, 360, 365, 370))
        before = self.server.portal.value("deals", record.id, "ends_on")
        if before is None:
            return ""
        end = _later(before, days)
        by.edits(record.id, {"ends_on": end})
        return f"{by.owner.email} set the end of {record.id} to {end}"

    def _create(self) -> str:
        """A new customer's deal."""
        return self._made("2026-10-01", "2027-09-30", self._stage())

    def _renew(self) -> str:
        """The deal of the term after one that was won."""
        records = self.server.portal.kinds["deals"].records.values()
        won = [r for r in records if r.values.get("dealstage") == STAGES["won"]]
        ends = [(r, end) for r in won if (end := r.values.get("ends_on"))]
        if not ends:
            return ""
        record, end = self._chance.choice(ends)
        links = self.server.portal.links.of("deals", record.id, "companies")
        company = links[0].to if links else None
        stage = STAGES[self._chance.choice(("onboarding", "stable"))]
        return self._made(_later(end, 1), _later(end, 365), stage, company)

    def _made(self, starts: str, ends: str, stage: str, company: int | None = None) -> str:
        by, pipeline = self._active(), self.server.portal.pipelines.pipeline_of(stage)
        values = {
            "dealname": f"New {len(self.told)}",
            "pipeline": pipeline,
            "dealstage": stage,
            "amount": "120000",
            "deal_currency_code": "JPY",
            "hubspot_owner_id": by.owner_id,
            "starts_on": starts,
            "ends_on": ends,
        }
        id_ = by.creates("deals", values)
        if company is not None:
            by.links(id_, company)
        return f"{by.owner.email} made {id_} in {stage} from {starts} to {ends}"

    def _workflow(self) -> str:
        """A workflow moves a deal."""
        record, stage = self._deal(), self._stage()
        if record is None:
            return ""
        pipeline = self.server.portal.pipelines.pipeline_of(stage)
        self.server.automation(record.id, {"pipeline": pipeline, "dealstage": stage})
        return f"a workflow moved {record.id} to {stage}"

    def _rule(self) -> str:
        """Switches one of an admin's rules on or off."""
        stage, names = self._chance.choice(_RULES)
        required = self.server.rules.required_at
        if required.pop(stage, None) is not None:
            return f"an admin lifted the rule for {stage}"
        required[stage] = names
        return f"an admin required {names} at {stage}"

    def _approval(self) -> str:
        """Switches an approval on or off."""
        if self.server.rules.approvals.pop(CARE, None):
            return "an admin lifted the approval"
        self.server.rules.approvals[CARE] = STAGES["critical"]
        return "an admin ordered an approval"

    def _approve(self) -> str:
        """Lets a deal past."""
        record, by = self._deal(), self._active()
        if record is None:
            return ""
        by.approves(record.id)
        return f"{by.owner.email} approved {record.id}"

    def _relabel(self) -> str:
        """An admin gives a stage another name."""
        portal, stage = self.server.portal, STAGES["critical"]
        label = f"Critical {len(self.told)}"
        portal.pipelines.change_stage(CARE, stage, {"label": label}, portal.now())
        return f"an admin called {stage} {label}"


def _later(day: str, days: int) -> str:
    """A day so much later, as HubSpot writes it."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
