"""People who do anything at any time, with a seed: for weeks in which both sides change.

crowd = Crowd(server, seed=7)
crowd.acts()             one act; what was done, as a sentence
crowd.between(0.2)       from now on somebody also acts in one of five gaps between read and write
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.servers.hubspot.moments import DAY, iso
from tests.servers.hubspot.people import Person
from tests.servers.hubspot.records import Record
from tests.servers.hubspot.server import HubSpotServer

USUAL: Mapping[str, int] = {
    "move": 30,
    "edit": 20,
    "end": 8,
    "give": 8,
    "create": 6,
    "archive": 4,
    "restore": 3,
    "merge": 3,
    "link": 4,
    "unlink": 2,
    "bulk": 2,
    "leave": 1,
    "return": 1,
    "automation": 4,
    "delete": 1,
    "rule": 1,
    "lose": 1,
}
"""How often each kind of act comes, against the others."""


@dataclass
class Crowd:
    """`people` act on deals of any pipeline; `told` is what was done, in order."""

    server: HubSpotServer
    seed: int
    people: Sequence[Person] = ()
    weights: Mapping[str, int] = field(default_factory=lambda: dict(USUAL))
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        names = ("Ann Arai", "Bob Baker", "Chika Chiba", "Dan Doi")
        self.people = self.people or [
            self.server.person(f"{n.split()[0].lower()}@example.com", n) for n in names
        ]

    def acts(self, what: str = "") -> str:
        """One act, of this kind or of any; "" where there was nothing to do it to."""
        with self.server.lock:
            name = what or self._chance.choices(*zip(*self.weights.items(), strict=True))[0]
            told = str(getattr(self, f"_{name}")())
        if told:
            self.told.append(told)
        return told

    def between(self, each: float, kinds: Sequence[str] = ("batch read", "search")) -> None:
        """Plans one act after some of the next hundred requests of these kinds: just between what
        a program reads and what it writes."""
        for kind in kinds:
            plan = [self._chance.random() < each for _ in range(100)]
            self.server.agenda.after(kind, *(self.acts if p else _nothing for p in plan))

    def _deal(self, *, archived: bool = False) -> Record | None:
        records = self.server.portal.kinds["deals"].records.values()
        found = [r for r in records if (r.archived_at is not None) is archived]
        return self._chance.choice(found) if found else None

    def _active(self) -> Person:
        return self._chance.choice([p for p in self.people if not p.owner.archived])

    def _stage(self) -> str:
        pipelines = list(self.server.portal.pipelines.pipelines.values())
        return self._chance.choice(list(self._chance.choice(pipelines).stages))

    def _move(self) -> str:
        record, stage, by = self._deal(), self._stage(), self._active()
        if record is None:
            return ""
        by.moves(record.id, stage)
        return f"{by.owner.email} moved {record.id} to {stage}"

    def _edit(self) -> str:
        record, by = self._deal(), self._active()
        if record is None:
            return ""
        amount = str(self._chance.randrange(1, 100) * 10_000)
        by.edits(record.id, {"amount": amount})
        return f"{by.owner.email} set the amount of {record.id} to {amount}"

    def _end(self) -> str:
        record, by = self._deal(), self._active()
        if record is None:
            return ""
        end = iso(self.server.portal.now() + self._chance.randrange(-30, 400) * DAY)
        by.edits(record.id, {"closedate": end})
        return f"{by.owner.email} set the close date of {record.id} to {end}"

    def _give(self) -> str:
        record, by, to = self._deal(), self._active(), self._active()
        if record is None:
            return ""
        by.gives(record.id, to)
        return f"{by.owner.email} gave {record.id} to {to.owner.email}"

    def _create(self) -> str:
        by, stage = self._active(), self._stage()
        pipeline = self.server.portal.pipelines.pipeline_of(stage)
        values = {"dealname": f"New {len(self.told)}", "pipeline": pipeline, "dealstage": stage}
        id_ = by.creates("deals", {**values, "hubspot_owner_id": by.owner_id})
        return f"{by.owner.email} made {id_} in {stage}"

    def _archive(self) -> str:
        record, by = self._deal(), self._active()
        if record is None:
            return ""
        by.archives(record.id)
        return f"{by.owner.email} archived {record.id}"

    def _restore(self) -> str:
        record, by = self._deal(archived=True), self._active()
        if record is None:
            return ""
        by.restores(record.id)
        return f"{by.owner.email} restored {record.id}"

    def _merge(self) -> str:
        first, second, by = self._deal(), self._deal(), self._active()
        if first is None or second is None or first is second:
            return ""
        new = by.merges(first.id, second.id)
        return f"{by.owner.email} merged {second.id} into {first.id}, now {new}"

    def _link(self) -> str:
        record, by = self._deal(), self._active()
        companies = list(self.server.portal.kinds["companies"].records)
        if record is None or not companies:
            return ""
        company = self._chance.choice(companies)
        by.links(record.id, company, primary=self._chance.random() < 0.7)
        return f"{by.owner.email} linked {record.id} to {company}"

    def _unlink(self) -> str:
        record, by = self._deal(), self._active()
        links = self.server.portal.links.of("deals", record.id, "companies") if record else ()
        if record is None or not links:
            return ""
        by.unlinks(record.id, links[0].to)
        return f"{by.owner.email} unlinked {record.id} from {links[0].to}"

    def _bulk(self) -> str:
        found = [self._deal() for _ in range(20)]
        ids, by = sorted({r.id for r in found if r}), self._active()
        by.edits_all(ids, {"hs_next_step": f"campaign {len(self.told)}"})
        return f"{by.owner.email} edited {len(ids)} deals at once"

    def _leave(self) -> str:
        by = self._active()
        if sum(not p.owner.archived for p in self.people) < 2:
            return ""
        by.leaves()
        return f"{by.owner.email} left"

    def _return(self) -> str:
        gone = [p for p in self.people if p.owner.archived]
        if not gone:
            return ""
        gone[0].returns()
        return f"{gone[0].owner.email} came back"

    def _automation(self) -> str:
        record = self._deal()
        if record is None:
            return ""
        self.server.automation(record.id, {"hs_next_step": f"workflow {len(self.told)}"})
        return f"a workflow edited {record.id}"

    def _delete(self) -> str:
        record, by = self._deal(archived=True), self._active()
        if record is None:
            return ""
        by.purges(record.id)
        return f"{by.owner.email} deleted {record.id} for good"

    def _rule(self) -> str:
        """Switches an admin's rule on or off."""
        required = self.server.rules.required_at
        if required.pop("closedlost", None) is not None:
            return "an admin lifted the rule for closedlost"
        required["closedlost"] = ("closed_lost_reason",)
        return "an admin required a reason at closedlost"

    def _lose(self) -> str:
        record = self._deal()
        if record is None:
            return ""
        self.server.search_loses(record.id)
        return f"the index lost {record.id}"


def _nothing() -> None:
    """An act that is none."""
