"""Turns RavenStack, the synthetic SaaS company by River @ Rivalytics, into files of contracts and
signals, for the back-test of health (docs/health.md).

    python docs/examples/ravenstack/convert.py FOLDER_OF_THE_DATA OUT

Writes OUT/contracts.csv, OUT/usage.csv and OUT/tickets.csv. Lost are the subscriptions that churned,
on the day they did. Subscriptions that run on have no end, so each lost one gets a twin that was
kept: the one that began nearest to it, runs on, and is no other's twin; its term is taken to have
ended, and been renewed, on the same day. Lost and kept are thus of the same age on the same days.
Trials are left out. Every signal counts as known at the end of its day.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

Row = dict[str, str]
CONTRACTS = "contract customer product starts_on ends_on closed_on amount currency stage".split()
USAGE = "contract time usage errors received".split()
TICKETS = "customer name time value source received".split()


def read(folder: Path, name: str) -> list[Row]:
    """The rows of one file of the data."""
    with (folder / f"ravenstack_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(file: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A file of ours."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(head)
        out.writerows(rows)


def twins(lost: Sequence[Row], running: Sequence[Row]) -> Iterator[tuple[Row, str, str]]:
    """(subscription, day of its end, what became of it) of every lost one and its twin."""
    left = {row["subscription_id"]: row for row in running}
    for row in lost:
        yield row, row["end_date"], "lost"
        began = date.fromisoformat(row["start_date"])

        def apart(twin: Row, began: date = began) -> tuple[int, str]:
            days = abs((date.fromisoformat(twin["start_date"]) - began).days)
            return days, twin["subscription_id"]

        older = [twin for twin in left.values() if twin["start_date"] < row["end_date"]]
        if older:
            twin = left.pop(min(older, key=apart)["subscription_id"])
            yield twin, row["end_date"], "won"


def contracts(data: Path) -> Iterator[tuple[object, ...]]:
    """The rows of contracts.csv."""
    paid = [row for row in read(data, "subscriptions") if row["is_trial"] == "FALSE"]
    lost = sorted(
        (row for row in paid if row["end_date"]),
        key=lambda r: (r["end_date"], r["subscription_id"]),
    )
    for row, ends_on, stage in twins(lost, [row for row in paid if not row["end_date"]]):
        yield (
            *(row[name] for name in ("subscription_id", "account_id", "plan_tier", "start_date")),
            *(ends_on, ends_on, row["arr_amount"], "USD", stage),
        )


def usage(data: Path) -> Iterator[tuple[object, ...]]:
    """The rows of usage.csv: what a subscription used on a day."""
    days: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in read(data, "feature_usage"):
        day = days[row["subscription_id"], row["usage_date"]]
        day[0] += int(row["usage_count"])
        day[1] += int(row["error_count"])
    for (subscription, on), (count, errors) in sorted(days.items()):
        yield subscription, on, count, errors, known(on)


def tickets(data: Path) -> Iterator[tuple[object, ...]]:
    """The rows of tickets.csv: a ticket on the day it came, what the customer thought of the answer
    on the day it was closed."""
    for row in sorted(read(data, "support_tickets"), key=lambda r: r["ticket_id"]):
        of, ticket, came = row["account_id"], row["ticket_id"], row["submitted_at"][:10]
        yield of, "new_tickets", came, 1, ticket, known(came)
        if row["priority"] == "urgent" or row["escalation_flag"].upper() == "TRUE":
            yield of, "new_severe_tickets", came, 1, ticket, known(came)
        if row["satisfaction_score"]:
            over = row["closed_at"][:10]
            yield of, "csat", over, float(row["satisfaction_score"]), ticket, known(over)


def known(on: str) -> str:
    """When what was measured on a day was known: at its end."""
    return (date.fromisoformat(on) + timedelta(days=1)).isoformat()


def main(data: Path, out: Path) -> None:
    """Writes the three files."""
    out.mkdir(parents=True, exist_ok=True)
    write(out / "contracts.csv", CONTRACTS, contracts(data))
    write(out / "usage.csv", USAGE, usage(data))
    write(out / "tickets.csv", TICKETS, tickets(data))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
