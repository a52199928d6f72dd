"""The account that docs/hubspot.md shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.hubspot.world import FREE
from tests.servers.hubspot import HubSpotServer
from tests.servers.hubspot.__main__ import furnish

AS_OF = "2026-11-27T12:00+09:00"
OLD = (
    ("", "定期追い", 0.2),
    ("", "Bヨミ(決済者前向)", 0.5),
    ("", "請求確認", 0.7),
    ("", "成約", 1.0),
    ("", "Bヨミ後失注", 0.0),
)


@contextmanager
def documented() -> Iterator[HubSpotServer]:
    """Two hundred deals in HubSpot's own pipeline, forty in an old one with an end each."""
    now = datetime(2026, 11, 27, 3, tzinfo=UTC)
    with HubSpotServer(clock=lambda: now, limits=FREE()) as server:
        furnish(server, 200)
        server.property("contract_end", "date", "date", label="Contract end date")
        server.property("contract_months", "number", "number", label="契約期間(月)")
        old = server.pipeline("旧パイプライン", *OLD)
        stage = next(iter(server.portal.pipelines.pipelines[old].stages))
        for n in range(40):
            server.add(
                "deals",
                {
                    "dealname": f"Old {n}",
                    "pipeline": old,
                    "dealstage": stage,
                    "contract_end": f"2027-{n % 12 + 1:02}-28",
                },
            )
        yield server


def main() -> None:
    """Prints what a dry run says in both languages, for the page."""
    import os  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from scheduler.cli.main import main as renewals  # noqa: PLC0415

    with documented() as server, tempfile.TemporaryDirectory() as folder:
        work = str(Path(folder) / "w")
        os.environ |= {"HUBSPOT_TOKEN": server.token, "HUBSPOT_API_URL": server.url}
        os.environ["RENEWALS_ALLOW_TIME_TRAVEL"] = "1"
        renewals(["init", work, "--lang", "en"])
        for lang in ("en", "ja"):
            for words in (["--init", "--dry-run"], ["--create", "--dry-run"]):
                where = ["--dir", work, "--lang", lang, "--as-of", AS_OF]
                renewals(["sync", "hubspot", *words, *where])


if __name__ == "__main__":
    main()
