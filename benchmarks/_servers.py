"""The tests' mail and Slack servers, each as a process of its own: `with server("smtp") as url`.

python -m benchmarks._servers smtp | slack SECONDS
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.slack import SlackServer
from tests.servers.smtp import SmtpServer


@contextmanager
def server(kind: str, latency: float = 0.0) -> Iterator[str]:
    """Starts one, on the cores this process is kept on, and gives its address. Slack's may take
    some seconds for each answer."""
    command = [sys.executable, "-m", "benchmarks._servers", kind, str(latency)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def main(kind: str, latency: str) -> None:
    """Serves until its input ends."""
    with SmtpServer() if kind == "smtp" else SlackServer(float(latency)) as running:
        print(running.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
