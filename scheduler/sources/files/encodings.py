"""How a text file's bytes are written: a byte order mark, the escapes of ISO-2022-JP, UTF-8, or
CP932 where the text is Japanese under it; anything else is asked about.

CP932 gives a character to almost every pair of bytes, so "it can be decoded" says nothing: CP1252
makes `Bär` into `B舐`, GBK becomes half-width kana. What tells is the text. Japanese has kana, or
common kanji in runs; a misreading has single kanji and half-width kana stuck to Latin letters, and
kanji of the second level. Always holds: a text in which such places are more than one in ten is not
taken for Japanese; nor is UTF-8 that a few bad bytes have broken. The question shows the same cells
under each reading.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise

SHOWN = 3
"""How many cells a question shows under each reading."""
CANDIDATES = ("cp1252", "cp932", "gb18030", "cp1250", "cp1251", "euc_jp", "big5", "cp949")
_MOST_READINGS = 5
_MOST_LINES = 200_000
_CELLS = re.compile(rb"[,;\t|\r\n]+")
_RUN = re.compile("[^\x00-\x7f]+")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_ENOUGH = 20_000


def readable(name: str) -> bool:
    """Whether a name is that of an encoding in which text can be read.

    >>> readable("cp1252"), readable("utf-9"), readable("base64"), readable("undefined")
    (True, False, False, False)
    """
    try:
        info = codecs.lookup(name)
        return (
            bool(getattr(info, "_is_text_encoding", True))
            and codecs.getincrementaldecoder(name)().decode("a,1\r\n".encode(name)) == "a,1\r\n"
        )
    except (LookupError, UnicodeError, ValueError, TypeError, AttributeError):
        return False


class Japanese:
    """Whether what was read as CP932 is Japanese: text goes in piece by piece."""

    def __init__(self) -> None:
        self.kept = self.against = self.seen = 0
        self.private = False

    def read(self, text: str) -> None:
        """Takes the next piece."""
        if self.seen > _ENOUGH or text.isascii():
            return
        self.private = self.private or _PRIVATE.search(text) is not None
        for run in _RUN.finditer(text):
            if self.seen > _ENOUGH:
                return
            self.seen += 1
            self._judge(
                run[0], text[run.start() - 1 : run.start()] + text[run.end() : run.end() + 1]
            )

    def _judge(self, run: str, beside: str) -> None:
        """One run of characters that are not ASCII, with what stands before and after it. A lone
        kanji tells nothing (林, A社)."""
        if _japanese(run):
            self.kept += 1
        elif len(run) > 1:
            self.against += not all(map(_half_kana, run)) or _touches(beside)
        elif run.encode("cp932", "ignore")[-1:] < b"\x80" or _half_kana(run):
            self.against += _touches(beside)

    @property
    def likely(self) -> bool:
        """Whether it is."""
        return not self.private and self.kept > 0 and self.kept >= 9 * self.against


def _touches(beside: str) -> bool:
    """Whether a Latin letter stands right beside: a misreading has swallowed the rest of its
    word."""
    return any(c.isascii() and c.isalpha() for c in beside)


@lru_cache(maxsize=4096)
def _japanese(run: str) -> bool:
    """Whether a run has full-width kana, or two characters running that every Japanese knows."""
    known = [_common(c) for c in run]
    return any("ぁ" <= c <= "ヿ" for c in run) or any(a and b for a, b in pairwise(known))


def _half_kana(character: str) -> bool:
    """Whether it is half-width katakana or its punctuation: one byte in CP932."""
    return "｡" <= character <= "ﾟ"


def _common(character: str) -> bool:
    """Whether it stands among CP932's first-level kanji, signs, full-width letters and NEC's own
    (lead bytes 81 to 97)."""
    written = character.encode("cp932", "ignore")
    return len(written) == 2 and 0x81 <= written[0] <= 0x97


def broken_utf8(lines: Iterable[bytes]) -> bool:
    """Whether bytes are UTF-8 with a few errors: at least as many characters beyond ASCII as
    invalid bytes."""
    good = bad = 0
    for line in islice(lines, _MOST_LINES):
        if not line.isascii():
            text = line.decode("utf-8", "replace")
            bad += text.count("\ufffd")
            good += sum(len(run[0]) - run[0].count("\ufffd") for run in _RUN.finditer(text))
    return good >= bad > 0


def sample(lines: Iterable[bytes]) -> list[bytes]:
    """The first few cells with bytes beyond ASCII, those that are not UTF-8 first."""
    cells: dict[bytes, None] = {}
    strange: dict[bytes, None] = {}
    for line in islice(lines, _MOST_LINES):
        if len(strange) >= SHOWN:
            break
        for cell in (c.strip(b'" ') for c in _CELLS.split(line) if not c.isascii()):
            (cells if _is_utf8(cell) else strange).setdefault(cell[:60])
    return list(dict.fromkeys([*list(strange)[:SHOWN], *cells]))[:SHOWN]


def _is_utf8(cell: bytes) -> bool:
    """Whether these bytes are UTF-8."""
    try:
        cell.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def shown_readings(cells: list[bytes]) -> str:
    """The cells under each encoding that can be meant, as a question shows them.

    >>> shown_readings(["Bär GmbH".encode("cp1252")]).splitlines()[:2]
    ['    cp1252   Bär GmbH', '    cp932    B舐 GmbH']
    """
    return "\n".join(f"    {name:<8} {' | '.join(texts)}" for name, texts in _readings(cells))


def _readings(cells: list[bytes]) -> Iterator[tuple[str, list[str]]]:
    """The encodings under which none of the cells has a character that no text has; UTF-8 with its
    bad bytes marked."""
    told = set[tuple[str, ...]]()
    for name in CANDIDATES:
        texts = [_decoded(cell, name) for cell in cells]
        if not any(_BROKEN.search(text) for text in texts) and tuple(texts) not in told:
            told.add(tuple(texts))
            yield name, texts
            if len(told) == _MOST_READINGS:
                break
    if any(not _decoded(cell, "utf-8").startswith("\ufffd") for cell in cells):
        yield "utf-8", [_decoded(cell, "utf-8") for cell in cells]


def _decoded(cell: bytes, name: str) -> str:
    """A cell under an encoding; what it has no character for is marked."""
    return cell.decode(name, "replace")
