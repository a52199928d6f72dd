"""A week whose rounds are processes of their own, which are killed at random moments."""

import os
import signal
import sys
from dataclasses import dataclass

from tests.forked import REPOSITORY, run
from tests.services.sync.weeks.child import HINDERED
from tests.services.sync.weeks.living import Week


@dataclass
class KilledWeek(Week):
    """`killed` is how many rounds were. While everybody rests none is."""

    killed: int = 0
    resting: bool = False

    def round(self) -> None:
        """One round in a process, which mostly does not live to see its end."""
        if self.resting:
            super().round()
            return
        self.rounds += 1
        point = self.chance.randrange(1, 250)
        here = self.world.both.here
        url = self.world.both.engine.url.render_as_string(hide_password=False)
        now, worker = self.now().isoformat(), f"worker {self.rounds}"
        create = "create" if self.world.both.settings.create_renewals else ""
        words = [url, here.server.url, here.token, now, str(point), worker, create]
        module = "tests.services.sync.weeks.child"
        ended = run(words, cwd=REPOSITORY, env=dict(os.environ), module=module)
        self.killed += ended.returncode == -signal.SIGKILL
        if ended.returncode == HINDERED:
            self.hindered["child"] += 1
        elif ended.returncode not in (0, -signal.SIGKILL):
            print(ended.stderr, file=sys.stderr)
            raise AssertionError(f"seed {self.seed}: a round ended with {ended.returncode}")
        self.world.later(minutes=4)

    def rests(self) -> None:
        """As ever, in this process, which lives."""
        self.resting = True
        super().rests()
