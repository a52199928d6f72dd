"""/livez, /readyz and /metrics over real HTTP: the truth, to those who may ask."""

import builtins
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from threading import Event
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from scheduler.core.machine.liveness import Facts, JobVitals, Vitals
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName
from scheduler.inbound.web.listener import Listener
from scheduler.inbound.web.liveness import for_this_machine, health_routes, make_health_app
from scheduler.ports import StoreUnavailableError
from scheduler.services.audit.installation import Balanced, Installation, Queue
from scheduler.services.audit.liveness import DaemonHealth
from scheduler.services.audit.measuring import Measures
from scheduler.storage.database.engine import open_engine
from tests.cast import at
from tests.inbound.office import SECONDS, Visited, office, stage

NOW = at("2027-01-05")
WELL = Vitals(0.5, (JobVitals("sweep", 30.0, 1.0, 0, 7), JobVitals("deliver", 10.0, 2.0, 0, 7)))
INSTALLATION = Installation(
    NOW,
    last_sweep_at=NOW - timedelta(minutes=1),
    alarms=4,
    oldest_alarm_at=NOW - timedelta(seconds=90),
    queues=(
        Queue(
            ChannelName.EMAIL,
            12,
            NOW - timedelta(hours=1),
            NOW - timedelta(hours=2),
            "535 for ann@example.com",
        ),
    ),
    held=2,
    held_nudges=5,
    doubtful=1,
    last_balance=Balanced(
        NOW - timedelta(hours=5), balanced=False, due=400, faults={"gone": 1, "stuck_nudge": 2}
    ),
)
CHANNELS = (ChannelName.SLACK, ChannelName.EMAIL)
OUTCOMES = {(ChannelName.EMAIL, "sent"): 41, (ChannelName.EMAIL, "dead"): 1}


@dataclass
class Machine:
    """A daemon as a test says it is, and how it is asked."""

    vitals: Vitals = WELL
    facts: Facts | Exception | Event = field(
        default_factory=lambda: Facts(NOW, NOW - timedelta(minutes=1))
    )
    installation: Installation | Exception = INSTALLATION
    unexpected: list[str] = field(default_factory=list)
    steady: float = 0.0
    port: int = 0

    def asked(self) -> Facts:
        if isinstance(self.facts, Event):
            self.facts.wait(SECONDS)
        if isinstance(self.facts, Facts):
            return self.facts
        raise self.facts if isinstance(self.facts, Exception) else TimeoutError

    def measures(self) -> Measures:
        if isinstance(self.installation, Exception):
            raise self.installation
        return Measures(self.installation, self.vitals, CHANNELS, OUTCOMES, "9.9")

    @property
    def health(self) -> DaemonHealth:
        store: Any = type("Store", (), {"facts": staticmethod(self.asked)})
        return DaemonHealth(
            lambda: self.vitals,
            store,
            30.0,
            self.later,
            lambda error: self.failed("health", error),
            seconds=0.2,
        )

    def failed(self, page: str, error: Exception) -> None:
        self.unexpected.append(f"{page}: {error}")

    def later(self) -> float:
        """Every look is a new one."""
        self.steady += 10
        return self.steady

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Visited:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Visited(path, answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def told(self, path: str) -> tuple[int, list[str]]:
        """The status, and what is wrong."""
        page = self.ask(path)
        return page.status, [
            " ".join((b["what"], *([b["job"]] if "job" in b else [])))
            for b in json.loads(page.text)["because"]
        ]


@pytest.fixture
def machine() -> Iterator[Machine]:
    """One that is well, on an address of its own."""
    machine = Machine()
    with Listener(
        make_health_app(machine.health, machine.measures, machine.failed),
        "127.0.0.1:0",
        "health_listen",
    ) as listener:
        machine.port = listener.port
        yield machine


def test_what_is_well_says_so(machine: Machine) -> None:
    assert [machine.told(path) for path in ("/livez", "/readyz", "/healthz")] == [(200, [])] * 3
    assert machine.ask("/readyz", "HEAD").body == b""


LATE = Vitals(0.5, (JobVitals("sweep", 30.0, 151.0),))
WRONG: list[tuple[dict[str, Any], int, list[str]]] = [
    ({"vitals": Vitals(None)}, 503, ["daemon"]),
    ({"vitals": Vitals(0.5, (JobVitals("sweep", 30.0, 91.0),))}, 200, ["job_late sweep"]),
    ({"vitals": LATE}, 503, ["job_late sweep"]),
    ({"vitals": Vitals(0.5, (JobVitals("deliver", 10.0, 1.0, 2),))}, 200, ["job_failing deliver"]),
    ({"vitals": Vitals(0.5, WELL.jobs, doubted=True)}, 200, ["clock_doubted"]),
    ({"facts": Facts(NOW, NOW - timedelta(hours=1))}, 200, ["sweep_late"]),
    (
        {
            "facts": StoreUnavailableError(
                Label.given(
                    {"ja": "読めません", "en": "cannot read data/renewals.db of Aoba Trading"}
                )
            )
        },
        200,
        ["database_unreachable"],
    ),
    ({"facts": ZeroDivisionError()}, 200, ["database_unreachable"]),
]


@pytest.mark.parametrize(("now", "alive", "because"), WRONG)
def test_what_is_not_well_is_not_ready_and_says_why_without_names(
    machine: Machine, now: dict[str, Any], alive: int, because: list[str]
) -> None:
    for name, value in now.items():
        setattr(machine, name, value)
    status, told = machine.told("/readyz")
    assert (status, told) == (503, because if because != ["daemon"] else ["stopped"])
    assert machine.ask("/livez").status == alive
    assert "Aoba" not in machine.ask("/readyz").text
    machine.vitals, machine.facts = WELL, Facts(NOW, NOW)
    assert machine.told("/readyz") == (200, []), "and it is ready again when it is well"


def test_what_nobody_expected_is_handed_on_once_and_what_passes_is_not(machine: Machine) -> None:
    machine.facts = StoreUnavailableError(Label.given({"ja": "読めません", "en": "gone"}))
    assert (machine.told("/readyz")[0], machine.unexpected) == (503, [])
    machine.facts = ZeroDivisionError("by zero")
    assert ([machine.told("/readyz")[0] for _ in range(2)], machine.unexpected) == (
        [503] * 2,
        ["health: by zero"],
    )
    machine.facts = Facts(NOW, NOW)
    assert machine.told("/readyz") == (200, [])
    machine.facts, machine.installation = ZeroDivisionError("by zero"), ZeroDivisionError("half")
    assert (machine.told("/readyz")[0], machine.ask("/metrics").status) == (503, 503)
    assert machine.unexpected == ["health: by zero", "health: by zero", "metrics: half"]


def test_a_database_that_hangs_keeps_nobody_waiting_for_long(machine: Machine) -> None:
    free = machine.facts = Event()
    assert [machine.told("/readyz") for _ in range(3)] == [(503, ["database_unreachable"])] * 3
    assert machine.told("/livez") == (200, []), "what hangs there is not this"
    free.set()


def test_the_figures_are_what_prometheus_reads(machine: Machine) -> None:
    page = machine.ask("/metrics")
    assert (page.status, page.headers["Content-Type"]) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    found = {
        (s.name, *s.labels.values()): s.value
        for family in text_string_to_metric_families(page.text)
        for s in family.samples
    }
    assert found == {
        ("renewals_info", "9.9"): 1,
        ("renewals_oldest_alarm_seconds",): 90,
        ("renewals_last_sweep_timestamp_seconds",): (NOW - timedelta(minutes=1)).timestamp(),
        ("renewals_oldest_message_seconds", "email"): 3600,
        ("renewals_oldest_message_seconds", "slack"): 0,
        ("renewals_messages_waiting", "email"): 12,
        ("renewals_messages_waiting", "slack"): 0,
        ("renewals_channel_paused", "email"): 1,
        ("renewals_channel_paused", "slack"): 0,
        ("renewals_messages_in_doubt",): 1,
        ("renewals_messages_held",): 2,
        ("renewals_nudges_held",): 5,
        ("renewals_messages_total", "email", "dead"): 1,
        ("renewals_messages_total", "email", "sent"): 41,
        ("renewals_clock_doubted",): 0,
        ("renewals_job_failures", "sweep"): 0,
        ("renewals_job_failures", "deliver"): 0,
        ("renewals_job_idle_seconds", "sweep"): 1,
        ("renewals_job_idle_seconds", "deliver"): 2,
        ("renewals_balance_timestamp_seconds",): (NOW - timedelta(hours=5)).timestamp(),
        ("renewals_balance_ok",): 0,
        ("renewals_balance_faults",): 3,
    }


def test_the_figures_name_nobody(machine: Machine) -> None:
    assert "ann@" not in machine.ask("/metrics").text


def test_without_a_database_there_are_no_half_figures(machine: Machine) -> None:
    machine.installation = StoreUnavailableError(Label.given({"ja": "読めません", "en": "gone"}))
    page = machine.ask("/metrics")
    assert (page.status, "see /readyz" in page.text) == (503, True)


def test_without_the_library_a_sentence_says_how_to_install_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_it = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("prometheus_client"):
            raise ImportError(name)
        return import_it(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    page = machine.ask("/metrics")
    assert (page.status, "pip install prometheus-client" in page.text) == (501, True)
    assert machine.told("/readyz") == (200, [])


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]
)
@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/", "/metrics/x", "/a/x"])
def test_odd_methods_and_paths_get_the_same_headers_and_a_4xx(
    machine: Machine, method: str, path: str
) -> None:
    page = machine.ask(path, method)
    assert 400 <= page.status < 500
    assert (page.headers["X-Frame-Options"], page.headers["Cache-Control"]) == ("DENY", "no-store")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/none"])
def test_every_answer_is_kept_from_caches_robots_and_frames(machine: Machine, path: str) -> None:
    headers = machine.ask(path).headers
    assert (
        headers["Cache-Control"],
        headers["X-Content-Type-Options"],
        headers["X-Robots-Tag"],
    ) == ("no-store", "nosniff", "noindex, nofollow")


@contextmanager
def beside_pages(engine: Engine, reading: Engine) -> Iterator[Machine]:
    """The same beside the pages."""
    machine = Machine()
    routes = for_this_machine(health_routes(machine.health, machine.measures, machine.failed))
    with office(
        engine, reading, ready=lambda: not machine.health.unready(), watching=routes
    ) as site:
        machine.port = site.port
        yield machine


@pytest.fixture
def public(empty_sqlite_url: str) -> Iterator[Callable[[], AbstractContextManager[Machine]]]:
    engine = open_engine(empty_sqlite_url)
    stage(engine)
    yield lambda: beside_pages(engine, engine)
    engine.dispose()


OUTSIDERS = [
    {"Host": "renewals.example.com"},
    {"X-Forwarded-For": "203.0.113.9"},
    {"Forwarded": "for=203.0.113.9"},
    {"Via": "1.1 proxy"},
    {"Host": "127.0.0.1.example.com:80"},
]


def test_beside_the_pages_only_this_machine_is_answered(
    public: Callable[[], AbstractContextManager[Machine]],
) -> None:
    with public() as machine:
        for path in ("/livez", "/readyz", "/metrics"):
            assert machine.ask(path).status == 200
            assert {machine.ask(path, headers=headers).status for headers in OUTSIDERS} == {404}, (
                path
            )
        assert machine.ask("/healthz", headers=OUTSIDERS[1]).text == "ok\n"
        machine.facts = ZeroDivisionError()
        page = machine.ask("/healthz", headers=OUTSIDERS[1])
        assert (page.status, page.text) == (503, "not ready\n"), (
            "load balancers learn that, and no more"
        )
