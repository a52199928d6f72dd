"""Makes docs/demo.png: the first screen of `renewals demo` as a terminal shows it.

python -m docs.make_demo_picture        needs Chromium (CHROMIUM names it where it is not on the
                                        path)
"""

from tempfile import TemporaryDirectory

from docs.terminal_picture import HERE, draw, sent

LINES = 66


def main() -> None:
    """Draws the picture."""
    with TemporaryDirectory() as folder:
        said = sent(["demo", "--dir", f"{folder}/renewals-demo", "--lang", "en"], {}).replace(
            folder + "/", ""
        )
    draw(["$ renewals demo", *said.splitlines()][:LINES], HERE / "demo.png")


if __name__ == "__main__":
    main()
