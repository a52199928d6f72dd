"""Makes docs/demo.png: the first screen of `renewals demo` as a terminal shows it.

python docs/make_demo_picture.py        needs Chromium (CHROMIUM names it where it is not on the path)
"""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
COLUMNS, LINES = 118, 66
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
@font-face {{ font-family: wide; src: local("Noto Sans Mono CJK JP"); size-adjust: 120.4%; unicode-range: U+3000-9FFF, U+FF00-FFEF; }}
body {{ margin: 0; background: #1b1f2a; }}
pre {{ color: #e6e9ef; font: 14px/1.5 wide, "DejaVu Sans Mono", monospace; margin: 0; padding: 22px 26px; white-space: pre; }}
{stylesheet}</style><pre><code style="font-family: inherit">{code}</code></pre>"""


def shown() -> str:
    """What a terminal of that width is sent."""
    with TemporaryDirectory() as folder:
        main, worker = pty.openpty()
        fcntl.ioctl(worker, termios.TIOCSWINSZ, struct.pack("HHHH", 60, COLUMNS, 0, 0))
        env = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LANG": "en_US.UTF-8", "LINES": "60"}
        words = [sys.executable, "-m", "scheduler", "demo", "--dir", f"{folder}/renewals-demo", "--lang", "en"]
        with subprocess.Popen(words, stdout=worker, stderr=subprocess.DEVNULL, stdin=worker, env=env, cwd=HERE.parent) as process:
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
    return said.decode().replace("\r\n", "\n").replace(folder + "/", "")


def main() -> None:
    """Draws the picture."""
    lines = ["$ renewals demo", *shown().splitlines()][:LINES]
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text.from_ansi("\n".join(lines)))
    page = console.export_html(code_format=PAGE)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    with TemporaryDirectory() as folder:
        html = Path(folder) / "demo.html"
        html.write_text(page, "utf-8")
        picture, size = HERE / "demo.png", f"--window-size=1060,{21 * len(lines) + 60}"
        subprocess.run([chromium, *FLAGS, f"--user-data-dir={folder}/chromium", size, f"--screenshot={picture}", html.as_uri()], check=True)


if __name__ == "__main__":
    main()
