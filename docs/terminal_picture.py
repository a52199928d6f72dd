"""What a command sends to a terminal, and a picture of it: for the pictures in this folder. Needs
Chromium (CHROMIUM names it where it is not on the path)."""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
COLUMNS = 118
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
@font-face {{ font-family: wide; src: local("Noto Sans Mono CJK JP"); size-adjust: 120.4%; unicode-range: U+3000-9FFF, U+FF00-FFEF; }}
body {{ margin: 0; background: #1b1f2a; }}
pre {{ color: #e6e9ef; font: 14px/1.5 wide, "DejaVu Sans Mono", monospace; margin: 0; padding: 22px 26px; white-space: pre; }}
{stylesheet}</style><pre><code style="font-family: inherit">{code}</code></pre>"""


def sent(words: Sequence[str], env: Mapping[str, str]) -> str:
    """What a terminal of that width is sent by a command of the program."""
    main, worker = pty.openpty()
    fcntl.ioctl(worker, termios.TIOCSWINSZ, struct.pack("HHHH", 60, COLUMNS, 0, 0))
    seen = {
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "COLUMNS": str(COLUMNS),
        "LANG": "en_US.UTF-8",
        "LINES": "60",
    }
    command = [sys.executable, "-m", "scheduler", *words]
    with subprocess.Popen(
        command,
        stdout=worker,
        stderr=subprocess.DEVNULL,
        stdin=worker,
        env=seen | env,
        cwd=HERE.parent,
    ) as process:
        os.close(worker)
        said = b""
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:
                break
            if not piece:
                break
            said += piece
        process.wait()
    return said.decode().replace("\r\n", "\n")


def draw(lines: Sequence[str], picture: Path) -> None:
    """A terminal with these lines, as high as it is when long ones are wrapped."""
    console = Console(record=True, width=COLUMNS, file=StringIO())
    text = Text.from_ansi("\n".join(lines))
    height = 21 * len(text.wrap(console, COLUMNS)) + 60
    console.print(text)
    chromium = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("google-chrome")
        or "chromium"
    )
    with TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(console.export_html(code_format=PAGE), "utf-8")
        where = [
            f"--user-data-dir={folder}/chromium",
            f"--window-size=1060,{height}",
            f"--screenshot={picture}",
        ]
        subprocess.run([chromium, *FLAGS, *where, page.as_uri()], check=True)
