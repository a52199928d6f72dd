"""The arrows hold: every module of the program imports only what it may, and nothing happens when
it is imported."""

import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import scheduler
from tests.architecture import HOME, MAY_IMPORT, violations
from tests.house import House

PACKAGE = Path(scheduler.__file__).parent
MODULES = {
    ".".join(("scheduler", *path.relative_to(PACKAGE).with_suffix("").parts)): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def test_every_module_keeps_to_the_arrows() -> None:
    found = [
        line for name, path in MODULES.items() for line in violations(name, path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_no_docstring_stands_twice() -> None:
    """What fulfils a protocol says so with @override and leaves the words to the protocol."""
    found = House.at(PACKAGE.parent).docstrings()
    assert {said: places for said, places in found.items() if places[1:]} == {}


def test_the_name_of_a_public_class_stands_once() -> None:
    """A name says which of several things is meant, wherever it is read."""
    found = House.at(PACKAGE.parent).class_names()
    assert {name: places for name, places in found.items() if places[1:]} == {}


def test_no_files_import_each_other_in_a_circle() -> None:
    assert House.at(PACKAGE.parent).circle() == []


def test_a_circle_is_seen_though_a_part_of_it_is_for_annotations(tmp_path: Path) -> None:
    program = tmp_path / "scheduler"
    program.mkdir()
    (program / "above.py").write_text("from scheduler.below import x", "utf-8")
    (program / "below.py").write_text("if TYPE_CHECKING:\n    import scheduler.above", "utf-8")
    assert set(House.at(tmp_path).circle()) == {"above", "below"}


def test_the_walk_sees_the_program() -> None:
    layers = {name.split(".")[1] for name in MODULES}
    assert {
        "core",
        "services",
        "storage",
        "channels",
        "render",
        "sources",
        "cli",
        "ports",
        "app",
        "daemon",
        "system",
    } <= layers


def test_no_arrow_points_at_a_part_that_points_back() -> None:
    arrows = {(a, b.split(".")[0]) for a, targets in MAY_IMPORT.items() for b in targets}
    assert {(a, b) for a, b in arrows if (b, a) in arrows} == set()
    assert tuple(
        TopologicalSorter({a: {b for x, b in arrows if x == a} for a in MAY_IMPORT}).static_order()
    )


def test_deciding_loads_no_package() -> None:
    """Asked of a real interpreter, because an import may bring others with it."""
    code = (
        "import sys, scheduler.ports, scheduler.core.rules.decide; "
        f"print(*sorted(set({sorted(HOME)}) & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.split() == []


WRONG = [
    (
        "core.time.dates",
        "from scheduler.core.deal.deal import Deal",
        "core.deal stands above core.time",
    ),
    (
        "services.people.naming",
        "from scheduler.services.audit.balance import Day",
        "services.audit stands above services.people",
    ),
    (
        "storage.database.rows",
        "from scheduler.storage.deals.listing import ListingRows",
        "storage.deals stands above storage.database",
    ),
    (
        "core.elsewhere.x",
        "from scheduler.core.words.keys import stable_key",
        "has no place among its packages",
    ),
    ("core.time.dates", "import logging", "imports logging, which is not pure"),
    ("core.time.dates", "import os.path", "imports os.path, which is not pure"),
    ("core.time.dates", "def f() -> None:\n    import random", "imports random, which is not pure"),
    (
        "core.time.dates",
        "from time import time\nlater = lambda: time()",
        "reads the clock (time.time)",
    ),
    (
        "core.time.dates",
        "from datetime import datetime as d\ndef f(): return d.now()",
        "reads the clock (datetime.datetime.now)",
    ),
    (
        "core.time.dates",
        "import datetime\ndef f(): return datetime.date.today()",
        "reads the clock (datetime.date.today)",
    ),
    (
        "core.words.keys",
        "from uuid import uuid4\ndef f(): return uuid4()",
        "leaves it to chance (uuid.uuid4)",
    ),
    ("core.time.dates", "def f(path): return open(path)", "looks at the world (open)"),
    ("core.time.dates", "from pydantic import BaseModel", "which belongs to core.config"),
    ("core.time.dates", "from scheduler.ports import Clock", "core may import locale"),
    (
        "core.time.dates",
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from "
            "scheduler.services.deals.sweep import Store"
        ),
        "core may import locale",
    ),
    ("core.time.dates", "from . import units", "imports relatively"),
    ("ports", "from scheduler.services.deals.sweep import Store", "ports may import core"),
    (
        "services.deals.sweep",
        "from scheduler.storage.database.rows import DealRow",
        "services may import core, ports, system.bounded",
    ),
    (
        "services.deals.sweep",
        "from scheduler.app import wiring",
        "services may import core, ports, system.bounded",
    ),
    ("services.deals.sweep", "from sqlmodel import select", "which belongs to storage"),
    (
        "services.deals.sweep",
        "from datetime import UTC, datetime\ndef f(): return datetime.now(UTC)",
        "reads the clock",
    ),
    (
        "storage.database.deals",
        "from scheduler.channels.email import EmailChannel",
        "storage may import core, ports, services, system.private_files",
    ),
    (
        "storage.database.deals",
        "from scheduler.services.deals.sweep import sweep_once",
        "only values and protocols",
    ),
    (
        "storage.database.deals",
        "import scheduler.services.deals.sweep",
        "only values and protocols",
    ),
    (
        "channels.email",
        "from scheduler.render.renderer import TemplateRenderer",
        "channels may import core, ports, system.bounded",
    ),
    (
        "channels.email",
        "from slack_sdk import WebClient",
        "which belongs to channels.slack and inbound",
    ),
    (
        "inbound.slack",
        "from scheduler.channels.slack import api",
        "inbound may import core, ports, services",
    ),
    ("sources.people", "import sqlite3", "which belongs to storage"),
    ("render.renderer", "import smtplib", "which belongs to channels"),
    (
        "inbound.web.pages",
        "from scheduler.storage.database.deals import DealRows",
        "inbound may import core, ports, services",
    ),
    ("app.wiring", "from sqlalchemy import create_engine", "which belongs to storage"),
    ("app.wiring", "from scheduler.cli.terminal.say import tell", "app may import"),
    ("daemon.loop", "import apscheduler.schedulers.background", "which belongs to daemon.ticker"),
    (
        "daemon.loop",
        "from scheduler.storage.database.engine import open_engine",
        "daemon may import",
    ),
    ("cli.deals", "from scheduler.storage.database.deals import DealRows", "cli may import"),
    ("cli.deals", "from tests.cast import ANN", "does not come with the program"),
    ("storage.database.deals", "def f(): print('done')", "prints"),
    ("daemon.loop", "import sys\ndef f(): sys.stdout.write('done')", "prints"),
    (
        "daemon.loop",
        "from importlib import import_module\ndef f(n): import_module(n)",
        "cannot follow",
    ),
    (
        "storage.database.engine",
        "from sqlalchemy import create_engine\nENGINE = create_engine('sqlite://')",
        "imported (sqlalchemy.create_engine)",
    ),
    (
        "render.sandbox",
        "from pathlib import Path\nTEXT = Path('body.txt').read_text()",
        "while being imported",
    ),
    (
        "render.sandbox",
        "with open('body.txt') as stream: TEXT = stream.read()",
        "while being imported (open)",
    ),
    (
        "channels.smtp",
        "class Mail:\n    found = [open(name) for name in ('a', 'b')]",
        "while being imported (open)",
    ),
    (
        "channels.smtp",
        "import socket\ndef f(s=socket.socket()): return s",
        "while being imported (socket.socket)",
    ),
    (
        "system.environment",
        "import os\nTOKEN = os.environ['TOKEN']",
        "reads the environment while being imported",
    ),
    ("helpers", "", "helpers has no place in the arrows"),
]


@pytest.mark.parametrize(("part", "source", "complaint"), WRONG)
def test_what_is_wrong_is_seen(part: str, source: str, complaint: str) -> None:
    found = violations(f"scheduler.{part}", f'"""Says what it is."""\n{source}')
    assert [line for line in found if complaint in line], found


def test_a_module_without_a_docstring_is_seen() -> None:
    assert violations("scheduler.core.time.dates", "x = 1") == [
        "scheduler.core.time.dates:1 has no docstring"
    ]


RIGHT = [
    (
        "core.time.dates",
        (
            "import re\nfrom collections.abc import Sequence\nfrom urllib.parse import quote\nfrom "
            "scheduler.core.words.units import Term"
        ),
    ),
    (
        "core.words.keys",
        "from uuid import UUID, uuid5\ndef f(space: UUID, name: str): return uuid5(space, name)",
    ),
    ("core.config.tables.shape", "from pydantic import BaseModel"),
    ("core.time.dates", "def f(at): return at.now"),
    ("storage.database.deals", "import sqlmodel\nfrom scheduler.services.deals.sweep import Store"),
    (
        "app.folder",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sqlalchemy import Engine",
    ),
    (
        "app.wiring",
        (
            "def f():\n    from scheduler.storage.database.engine import open_engine\n    return "
            "open_engine('sqlite://')"
        ),
    ),
    ("system.clock", "from datetime import UTC, datetime\ndef f(): return datetime.now(UTC)"),
    ("cli.deals", "from scheduler import __version__\nprint(__version__)"),
    ("channels.smtp", "import socket\nconnect = lambda host: socket.create_connection(host)"),
    ("__main__", "if __name__ == '__main__':\n    from scheduler.cli.main import main\n    main()"),
]


@pytest.mark.parametrize(("part", "source"), RIGHT)
def test_what_is_right_is_let_through(part: str, source: str) -> None:
    assert violations(f"scheduler.{part}", f'"""Says what it is."""\n{source}') == []
