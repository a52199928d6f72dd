"""What must hold after any week, reckoned anew from both sides' logs.

in step         each deal stands on both sides where the last word on it left it, with our
                properties beside it (those of the term before, where its record was closed before
                the next term came); or it is held or parked, and says why
no echo         nothing that we wrote came back as somebody's answer; we wrote no more stages
                than were decided here
no lost change  whatever somebody did to a stage is an answer or a move here, or lost against
                ours for a reason that is listed, or held
one of two      two records that became one are one open deal here
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from tests.servers.hubspot import replayed
from tests.services.sync.weeks.living import Week
from tests.services.sync.weeks.logs import LONG_AGO, MAPPED, MEANING, SOLD, Entry, Logs, Row, near

_AMBIGUOUS = timedelta(seconds=2)
"""Two words closer than this have no order that whole seconds could tell."""
_DRIFT = 125.0
"""How far HubSpot's clock may have gained on ours between a move and our reading of it, in
seconds."""


def check(lived: Week) -> None:
    """Raises AssertionError with everything that does not hold, and the seed."""
    logs = Logs(lived)
    checks: tuple[Callable[[Logs], Iterator[str]], ...] = (
        _server_is_its_journal,
        _all_known,
        _in_step,
        _last_word,
        _fields,
        _no_echo,
        _nothing_lost,
        _explained,
        _merged,
        _fates,
    )
    wrong = [f"{each.__name__}: {said}" for each in checks for said in each(logs)]
    assert not wrong, f"seed {lived.seed} ({lived.server.switches}):\n" + "\n".join(wrong)


def _live(logs: Logs) -> Iterator[tuple[int, tuple[str, str], Row | None, Row | None]]:
    """Each live record in our care with where it stands, what is kept of it, and its deal."""
    for id, record in logs.there.items():
        values = record["values"]
        theirs = (values["pipeline"], values["dealstage"])
        if not record["archived"] and theirs[0] in MAPPED:
            yield id, theirs, logs.records.get(str(id)), logs.deals.get(str(id))


def _server_is_its_journal(logs: Logs) -> Iterator[str]:
    """The server's state is what its journal says."""
    lived = logs.lived
    again = replayed(lived.before, lived.server.journal[lived.began :])["deals"]
    for id, record in logs.there.items():
        if record["values"] != again[id]["values"] or record["archived"] != again[id]["archived"]:
            yield f"{id} is {record['values']}, by the journal {again[id]['values']}"


def _all_known(logs: Logs) -> Iterator[str]:
    """Every live record in our care was read and taken in."""
    for id, theirs, kept, deal in _live(logs):
        if kept is None:
            yield f"{id} in {theirs} was never read"
        elif kept["waits"] or kept["state"] != "here":
            yield f"{id} in {theirs} is {kept['state']} and waits for {kept['waits'] or 'nothing'}"
        elif deal is None and not kept["held"] and theirs in MEANING and _is_open(theirs):
            yield f"{id} in {theirs} has no deal and no reason"


def _is_open(theirs: tuple[str, str]) -> bool:
    return MEANING[theirs][1] not in ("won", "lost")


def _in_step(logs: Logs) -> Iterator[str]:
    """Where both stand, and our properties."""
    for id, theirs, kept, deal in _live(logs):
        if kept is None or deal is None:
            continue
        push = logs.pushes.get(deal["id"])
        if push is None or push["state"] not in ("in_step", "parked"):
            yield f"{id}: the push is {push and push['state']}"
            continue
        if push["state"] == "parked":
            if not push["because"]:
                yield f"{id} is parked without a word"
            continue
        if push["version"] != deal["version"]:
            yield f"{id}: HubSpot was told version {push['version']} of {deal['version']}"
        told = _told_of(logs, id, theirs, kept, deal)
        if not kept["held"] and not _stands(theirs, told):
            yield f"{id}: {theirs} there, {told['stage']} here, and no reason"
        yield from _properties(id, logs.there[id]["values"], told)


def _told_of(logs: Logs, id: int, theirs: tuple[str, str], kept: Row, deal: Row) -> Row:
    """The deal that a record tells of: that of the term before in the same record, where it was
    closed before the open one came, else that which has the record."""
    if kept["held"] or deal["closed_at"] or theirs == SOLD or _is_open(theirs):
        return deal
    moves = [entry for r in logs.primaries(id) for entry in logs.entries.get(r, ())]
    if any(entry.at >= logs.lived.there(deal["arrived_at"]) for entry in moves):
        return deal
    return logs.before(deal) or deal


def _stands(theirs: tuple[str, str], deal: Row) -> bool:
    """Whether a stage there stands for the one here; a sale that was won stands for any of the
    contract that was bought."""
    bought = theirs == SOLD and deal["pipeline"] == "existing"
    return bought or MEANING.get(theirs) == (deal["pipeline"], deal["stage"])


def _properties(id: int, there: Row, deal: Row) -> Iterator[str]:
    """Our properties, from the rows alone."""
    contract = deal["contract"]
    outcome = deal["stage"] if deal["stage"] in ("won", "lost") else "open"
    wanted = {
        "renewals_key": deal["key"],
        "renewals_health": deal["health"],
        "renewals_outcome": outcome,
        "renewals_forecast": deal["call"] or "none",
        "renewals_ends_on": contract["ends_on"].isoformat() if contract["ends_on"] else None,
        "renewals_decide_by": contract["decide_by"].isoformat() if contract["decide_by"] else None,
        "renewals_url": f"https://renewals.example/deals/{deal['id']}",
    }
    for name, value in wanted.items():
        if (there.get(name) or None) != (value or None):
            yield f"{id}: {name} is {there.get(name)} there, {value} here"


def _last_word(logs: Logs) -> Iterator[str]:
    """Both sides stand where the later of the last two words on the stage left them."""
    for id, theirs, kept, deal in _live(logs):
        if deal is None or kept is None or logs.pushes.get(deal["id"], {}).get("state") == "parked":
            continue
        others = [e for r in logs.primaries(id) for e in logs.entries.get(r, ())]
        others = [entry for entry in others if not (entry.ours or entry.same)]
        said = max(others, key=lambda entry: entry.at, default=None)
        ours_at, ours = _our_last(logs, deal)
        if said is None or near(said.at, ours_at):
            continue
        if said.at < ours_at:
            if ours and deal["stage"] not in (ours, _goes_over(logs, said, deal)):
                yield f"{id}: ours, {ours} at {ours_at}, came later, but here it is {deal['stage']}"
        elif theirs[1] != said.stage:
            yield f"{id}: {said} came after ours at {ours_at}, but there it is {theirs[1]}"
        elif not _stands(theirs, deal) and not kept["held"]:
            yield f"{id}: {said} came after ours at {ours_at}, but here it is {deal['stage']}"


def _goes_over(logs: Logs, said: Entry, deal: Row) -> str:
    """Where a word on the term before leaves the next one: how the customer does goes over."""
    pipeline = logs.lived.server.portal.pipelines.pipeline_of(said.stage)
    stage = MEANING.get((pipeline or "", said.stage), ("", ""))[1]
    before = logs.lived.there(deal["arrived_at"]) >= said.at
    return stage if before and stage in ("stable", "at_risk", "critical") else ""


def _our_last(logs: Logs, deal: Row) -> tuple[datetime, str]:
    """The last word of ours on a deal's stage: what a colleague said, or what was due by itself."""
    said = [(s.at, s.stages[-1]) for s in logs.lived.said if s.deal == deal["id"] and s.stages]
    due = [
        (logs.lived.there(row["at"]), row["to_stage"])
        for row in logs.rows("passages")
        if row["deal_id"] == deal["id"] and (_by_itself(row) or "renewal_opened" in row["because"])
    ]
    return max([*said, *due], default=(LONG_AGO, ""))


def _by_itself(passage: Row) -> bool:
    """Whether nobody moved a deal: it was due, or its renewal came with another record."""
    return passage["actor_kind"] in ("policy", "import") and passage["from_stage"] is not None


def _fields(logs: Logs) -> Iterator[str]:
    """Amount, owner and end are HubSpot's."""
    emails = {str(p.owner.id): p.owner for p in logs.lived.team.people}
    people = {row["id"]: row["email"] or row["name"] for row in logs.rows("people")}
    for id, theirs, kept, deal in _live(logs):
        if deal is None or kept is None or kept["held"] or deal["closed_at"]:
            continue
        values, contract = logs.there[id]["values"], deal["contract"]
        amount = values.get("amount")
        if contract["amount"] != (None if amount is None else int(float(amount))):
            yield f"{id}: {amount} there, {contract['amount']} here"
        owner = emails.get(values.get("hubspot_owner_id") or "")
        email = people.get(contract["owner_id"])
        if owner is not None and not owner.archived and email != owner.email:
            yield f"{id}: {owner.email}'s there, {email}'s here"
        end = values.get("ends_on") if contract["predecessor_id"] is None else None
        if end and theirs[0] == MAPPED[0] and str(contract["ends_on"]) != end:
            yield f"{id}: ends on {end} there, on {contract['ends_on']} here"


def _means(entry: Entry, stage: str) -> bool:
    """Whether what somebody wrote stands for a stage here."""
    return any(theirs[1] == entry.stage and ours[1] == stage for theirs, ours in MEANING.items())


def _no_echo(logs: Logs) -> Iterator[str]:
    """Nothing of ours came back, and we wrote no more than was decided. What came with a merge may
    have been said before the week began."""
    others = [e for found in logs.entries.values() for e in found if not e.ours]
    instants = {entry.at for entry in others}
    began = logs.lived.there(logs.lived.skews[0][0])
    answered = (at for at in logs.answered - instants if at > began)
    yield from (f"the answer of {at} is nobody's" for at in answered)
    for at, stage, came_in in logs.moved:
        merged = logs.merges and at <= began
        before = [e for e in others if came_in and e.at <= at and _means(e, stage)]
        if not merged and not before and not any(near(at, e.at, _DRIFT) for e in others):
            yield f"the move to {stage} at {at} is nobody's"
    for record, entries in logs.entries.items():
        written = [e for e in entries if e.ours]
        allowed = _decided(logs, record)
        if len(written) > allowed:
            yield f"{record}: wrote {len(written)} stages, decided {allowed}: {written}"


def _decided(logs: Logs, record: int) -> int:
    """How many stages there were reasons to write: words of ours, and moves of theirs that lost or
    were restored."""
    ids = {str(record), str(logs.survivor(record)), *map(str, logs.became(record))}
    deals = [deal["id"] for source, deal in logs.deals.items() if source.split("#")[0] in ids]
    own = sum(len(said.stages) for said in logs.lived.said if said.deal in deals)
    due = sum(
        _by_itself(row) or "renewal_opened" in row["because"]
        for row in logs.rows("passages")
        if row["deal_id"] in deals
    )
    merged = sum(str(each) in ids for merge in logs.merges for each in merge[2:])
    lost = sum(row["record_id"] in ids for row in logs.conflicts)
    return own + due + lost + merged


def _nothing_lost(logs: Logs) -> Iterator[str]:
    """Whatever somebody did to a stage, unless somebody did something else to it after."""
    for record, entries in logs.entries.items():
        after = [*entries[1:], None]
        for entry, following in zip(entries, after, strict=True):
            if entry.ours or entry.same or (following is not None and not following.ours):
                continue
            if following is None and (record not in logs.there or logs.there[record]["archived"]):
                continue
            if not _accounted(logs, entry, following):
                yield f"{entry} is lost; then came {following}"


def _accounted(logs: Logs, entry: Entry, following: Entry | None) -> bool:
    """Whether an entry is an answer, a move, a conflict, held, or said what stood here anyway: in
    the deal of the record it was made in, or of one that this became by a merge."""
    pipeline = logs.lived.server.portal.pipelines.pipeline_of(entry.stage)
    meant = MEANING.get((pipeline or "", entry.stage))
    deals = [logs.deals.get(str(id)) for id in logs.became(entry.record)]
    return _answered(logs, entry, pipeline or "", meant, deals[-1]) or any(
        deal is not None and meant is not None and _stood(logs, entry, following, meant[1], deal)
        for deal in deals
    )


def _answered(
    logs: Logs, entry: Entry, pipeline: str, meant: tuple[str, str] | None, deal: Row | None
) -> bool:
    """Whether an entry is an answer, a move, a conflict or held, or nothing to be followed."""
    kept = logs.records.get(str(logs.survivor(entry.record)))
    if (pipeline, entry.stage) == SOLD and deal is not None and deal["pipeline"] == "existing":
        return True
    if pipeline not in MAPPED or deal is None or (kept is not None and kept["held"]):
        return True
    if logs.lived.there(deal["arrived_at"]) >= entry.at:
        return True  # said of the term before, which is over
    listed = [c for c in logs.conflicts if c["name"] == "dealstage"]
    if entry.at in logs.answered or any(c["theirs_at"] == entry.at for c in listed):
        return True
    return meant is not None and any(
        (near(at, entry.at, _DRIFT) or (came_in and entry.at <= at)) and to == meant[1]
        for at, to, came_in in logs.moved
    )


def _stood(logs: Logs, entry: Entry, following: Entry | None, meant: str, deal: Row) -> bool:
    """Whether a deal was in the stage that an entry means before anything else was said there."""
    until = following.at if following else datetime.max.replace(tzinfo=UTC)
    return any(
        since <= until and ended >= entry.at and stage == meant
        for since, ended, stage in logs.was(deal["id"])
    )


def _explained(logs: Logs) -> Iterator[str]:
    """Who won each conflict, and why."""
    for row in logs.conflicts:
        if not (row["who"] and row["theirs"] and row["ours"] and row["because"]):
            yield f"conflict {row['id']} is not explained: {row}"
        if row["winner"] == "ours" and row["theirs_at"] > row["ours_at"] + _AMBIGUOUS:
            yield f"conflict {row['id']}: ours won though theirs was later: {row}"


def _merged(logs: Logs) -> Iterator[str]:
    """Records that became one are one open deal."""
    for id, record in logs.there.items():
        if not record["merged"]:
            continue
        among = [logs.deals.get(str(each)) for each in (id, *record["merged"])]
        still = [deal["id"] for deal in among if deal is not None and deal["closed_at"] is None]
        if len(still) > 1 and record["values"]["pipeline"] in MAPPED and not record["archived"]:
            yield f"{id} was merged from {record['merged']}, and {still} are open"


def _fates(logs: Logs) -> Iterator[str]:
    """What is archived or gone is known as that, and its contract is paused. A merge into what was
    archived before any count saw it looks like a deletion: the old id is nowhere."""
    paused = {row["name"] for row in logs.rows("pauses") if row["ended_at"] is None}
    for id, kept in logs.records.items():
        record = logs.there.get(int(id))
        fate = "archived" if record and record["archived"] else None
        if record is None:
            into = logs.there.get(logs.survivor(int(id)))
            unseen = kept["state"] == "deleted" and (into is None or into["archived"])
            fate = "deleted" if int(id) in logs.purged or unseen else "merged"
        if fate is not None and kept["state"] != fate:
            yield f"{id} is {fate} there, {kept['state']} here"
        deal = logs.deals.get(id)
        if fate in ("merged", None) or deal is None or deal["closed_at"]:
            continue
        if deal["contract"]["number"] not in paused:
            yield f"{id} is {fate}, but its contract goes on"
