"""Slack's Block Kit from the text of `slack.txt`, cut into posts that Slack accepts.

How the text is read: an empty line separates blocks; a paragraph is a section; one whose lines
begin with `-# ` is small print; `---` is a divider; a paragraph that is one of the marks in
`pressed` stands for its blocks, which stay in the post of the text above them.

Always holds: no block is longer than 3,000 characters, and posts are what
`scheduler.core.messages.posts` says; nothing is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scheduler.core.messages.posts import Block, Post, packed

TEXT_LIMIT = 3000
_SMALL = "-# "
_ACROSS = "---"
_CUT_OFF = re.compile(r"(&[a-z]{0,4}|<[^<>]*)$")


def posts_of(text: str, pressed: Mapping[str, Sequence[Block]] | None = None) -> tuple[Post, ...]:
    """The blocks of each post; the second and later ones continue in the first one's thread."""
    return packed(blocks_of(text, pressed))


def blocks_of(text: str, pressed: Mapping[str, Sequence[Block]] | None = None) -> Iterator[Block]:
    """The blocks of a text, in order."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.rstrip() for line in paragraph.strip("\n").split("\n")]
        if lines == [_ACROSS]:
            yield {"type": "divider"}
        elif len(lines) == 1 and lines[0].strip() in (pressed or {}):
            yield from (pressed or {})[lines[0].strip()]
        elif all(line.startswith(_SMALL) for line in lines):
            for part in _cut(line.removeprefix(_SMALL) for line in lines):
                yield {"type": "context", "elements": [_mrkdwn(part)]}
        else:
            for part in _cut(lines):
                yield {"type": "section", "text": _mrkdwn(part)}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _cut(lines: Iterable[str]) -> Iterator[str]:
    """The lines joined into as few texts as the limit allows; a line that is too long by itself is
    cut."""
    text = ""
    for piece in (piece for line in lines for piece in _pieces(line)):
        if text and len(text) + 1 + len(piece) > TEXT_LIMIT:
            yield text
            text = ""
        text = f"{text}\n{piece}" if text else piece
    if text.strip():
        yield text


def _pieces(line: str) -> Iterator[str]:
    """A line in pieces within the limit, never cut inside `&amp;` or a link."""
    while len(line) > TEXT_LIMIT:
        head = line[:TEXT_LIMIT]
        head = _CUT_OFF.sub("", head) or head
        yield head
        line = line[len(head) :]
    yield line


def plain_text(mrkdwn: str) -> str:
    """The text as it is read, without Slack's marks, for where no blocks are shown.

    >>> plain_text("*Aoba &amp; Co*\\n-# <https://example.com|Record>")
    'Aoba & Co\\nRecord (https://example.com)'
    """
    text = re.sub(r"<(https?://[^|<>]+)\|([^<>]+)>", r"\2 (\1)", mrkdwn)
    text = re.sub(r"\n{3,}", "\n\n", text)
    text = re.sub(r"(?m)^-# ", "", re.sub(r"(?m)^\*(.+)\*$", r"\1", text))
    return (
        text.replace("`", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .strip()
    )
