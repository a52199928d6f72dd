"""The account that docs/hubspot.md shows."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from scheduler.cli.main import main as renewals
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


def furnished_with_ours(server: HubSpotServer, folder: Path, lang: str) -> None:
    """All that we make is in the account, with names in that language; two deals stand in one of
    our stages."""
    config = folder / "config.toml"
    text = config.read_text("utf-8")
    config.write_text(
        re.sub(r'^language = "\w+"', f'language = "{lang}"', text, flags=re.MULTILINE), "utf-8"
    )
    made = ["sync", "hubspot", "--create", "--pipelines", "--yes"]
    assert renewals([*made, "--dir", str(folder), "--as-of", AS_OF]) == 0
    for n in range(2):
        values = {"pipeline": "renewals_existing", "dealstage": "renewals_existing_stable"}
        server.add("deals", {"dealname": f"Moved {n}"} | values)


def main() -> None:
    """Prints what a dry run says in both languages, for the page."""
    with documented() as server, tempfile.TemporaryDirectory() as folder:
        work = str(Path(folder) / "w")
        os.environ |= {"HUBSPOT_TOKEN": server.token, "HUBSPOT_API_URL": server.url}
        os.environ["RENEWALS_ALLOW_TIME_TRAVEL"] = "1"
        renewals(["init", work, "--lang", "en"])
        for lang in ("en", "ja"):
            for words in (["--init", "--dry-run"], ["--create", "--dry-run"]):
                where = ["--dir", work, "--lang", lang, "--as-of", AS_OF]
                renewals(["sync", "hubspot", *words, *where])
    for lang in ("en", "ja"):
        with documented() as server, tempfile.TemporaryDirectory() as folder:
            work = str(Path(folder) / "w")
            os.environ |= {"HUBSPOT_TOKEN": server.token, "HUBSPOT_API_URL": server.url}
            renewals(["init", work, "--lang", lang])
            furnished_with_ours(server, Path(work), lang)
            where = ["--dir", work, "--lang", lang, "--as-of", AS_OF]
            renewals(["sync", "hubspot", "--remove", "--dry-run", *where])


if __name__ == "__main__":
    main()
