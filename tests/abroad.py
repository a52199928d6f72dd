"""What people get in a language of the tests' own making: mails, posts, pages, the calendar feed.

`python -m tests.abroad PART` prints all of a part's texts. The language's templates are made of the
English ones: every text in them stands between marks, and so does every sentence of the code.
Templates that the languages share are left as they are. It is a process of its own, because texts
are kept once they are made.
"""

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict, is_dataclass
from html import unescape
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from jinja2 import Environment

from scheduler.app import shipped
from scheduler.cli.main import main
from scheduler.core.words import labels
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.inbound.links import LESS, Link
from scheduler.render.digest_samples import digests
from scheduler.render.renderer import TemplateRenderer
from scheduler.render.samples import messages
from scheduler.services.answers.calendar_feed import hash_of
from scheduler.storage.database.engine import open_engine
from tests.cli.office import make, of_no_machine, rewrite
from tests.inbound.office import ANN_ID, DAN_ID, Site, Visited, office, stage
from tests.inbound.slack.conftest import reception_on
from tests.inbound.slack.reception import ANN, CHIKA, DAN, STRANGER, Reception
from tests.inbound.test_web import OFFERS
from tests.render.shipped import SHIPPED

_WORD = r"[^\W\d_]"
_TEXT = re.compile(rf"{_WORD}(?:[^\n]*{_WORD})?")
_TAGS = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)
_LEXER = Environment(autoescape=True, keep_trailing_newline=True)
_SENTENCE = re.compile(rf"[A-Z]|{_WORD} | {_WORD}")
_NAMED = ("import", "from", "include", "extends")


def marked(template: str, *, html: bool) -> str:
    """A template with its own words between marks: those that stand in it, and those of its
    expressions that are no names."""
    parts, statement, inside = [], "", False
    for _, kind, value in _LEXER.lex(template):
        text = value
        if kind == "data":
            text, inside = _marked_data(value, inside) if html else (_mark(value), False)
        elif kind == "string" and statement not in _NAMED and _SENTENCE.search(value):
            text = value[0] + _mark(value[1:-1]) + value[-1]
        statement = (
            "" if kind.endswith("_begin") else statement or (value if kind == "name" else "")
        )
        parts.append(text)
    return "".join(parts)


def _mark(text: str) -> str:
    return _TEXT.sub(lambda found: f"⟦{found[0]}⟧", text)


def _marked_data(text: str, inside: bool) -> tuple[str, bool]:
    """Text between tags, marked; whether a tag is open at its end. `inside`: one is open at its
    beginning."""
    head, sep, rest = text.partition(">") if inside else ("", "", text)
    if inside and not sep:
        return text, True
    pieces = re.split(r"(<[^>]*>|<[^>]*$)", rest)
    said = "".join(p if p.startswith("<") else _mark(p) for p in pieces)
    last = next((p for p in reversed(pieces) if p.startswith("<")), "")
    return head + sep + said, bool(last) and not last.endswith(">")


def translated(templates: Mapping[str, str]) -> dict[str, str]:
    """All languages have the English templates, marked."""
    made = {}
    for path, text in templates.items():
        folder, _, rest = path.partition("/")
        if folder == Language.EN:
            for language in Language:
                said = marked(text, html=path.endswith(".html"))
                made[f"{language}/{rest}"] = said.replace('"en/', f'"{language}/')
        elif folder not in set(Language):
            made[path] = text
    return made


LATER = (
    *(("run", "--once", "--as-of", day) for day in ("2027-01-18", "2027-02-01", "2027-03-01")),
    ("people", "deactivate", "ann@example.com", "--as-of", "2027-03-02"),
    *(("run", "--once", "--as-of", day) for day in ("2027-03-08", "2027-04-05")),
)
"""What happens in those months: nothing is answered, and Ann leaves."""
RIGHT = {"until": "2027-01-12", "expected_on": "", "amount": "3600000", "term": "12 months"}
RIGHT |= {"reason": "budget", "paperwork": "quoted", "health": "critical", "on": "", "ends_on": ""}
"""What may be typed into every form."""


@contextmanager
def abroad() -> Iterator[None]:
    """In this process everything is said in that language, whichever was asked for."""
    plain, texts = labels.Label.of, shipped._texts

    def of(label: labels.Label, language: Language) -> str:
        said = plain(label, Language.EN)
        return f"⟦{said}⟧" if said and label.own != (("en", "{it}"),) else said

    def marked_texts(folder: str) -> Mapping[str, str]:
        return translated(texts(folder)) if folder == "messages" else texts(folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labels.Label, "of", of)
        patch.setattr(shipped, "_texts", marked_texts)
        made = translated(SHIPPED)
        SHIPPED.clear()
        SHIPPED.update(made)
        yield


def samples() -> Iterator[str]:
    """Every kind of message, of every shape, for each channel."""
    renderer = TemplateRenderer(SHIPPED)
    names = sorted({path.split("/")[1] for path in SHIPPED if path.endswith("/ask.txt")})
    for kind, facts in (*messages(Language.EN, names), *digests(Language.EN)):
        for channel in (ChannelName.SLACK, ChannelName.EMAIL):
            said = renderer.render(kind, facts, Language.EN, channel)
            assert said.fallback_because == ""
            yield from (said.subject, said.text, _read(said.html))
            yield from _texts_in(said.blocks)


def mails() -> Iterator[str]:
    """What an office that answers nothing is sent in three months, and what its admins are told."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        of_no_machine(patch)
        work = Path(folder) / "work"
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            make(work, insistent=True)
            for words in LATER:
                main([*words, "--dir", str(work)])
            rewrite(work / "config.toml", {'offset = "-1 month"': 'offset = "1 moth"'})
            main(["run", "--once", "--dir", str(work), "--as-of", "2027-04-10"])
        with closing(sqlite3.connect(work / "data" / "renewals.db")) as database:
            rows = database.execute("SELECT kind, subject, body FROM messages").fetchall()
        for kind, subject, body in rows:
            yield f"# {kind}"
            yield from (subject or "", *(_read(t) for t in _texts_in(json.loads(body or "{}"))))


def pages() -> Iterator[str]:
    """The pages behind the links of a mail, refusals among them, and the calendar feed."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/renewals.db"
        engine, reading = open_engine(url), open_engine(url, reading=True)
        stage(engine)
        with office(engine, reading) as site:
            for page in _visits(site):
                text = page.body.decode()
                yield _read(text) if text.startswith("<") else text
        engine.dispose()
        reading.dispose()


def _visits(site: Site) -> Iterator[Visited]:
    """Every form opened, sent wrongly, sent rightly, sent again and taken back; then what is left
    to refuse, and the feed."""
    wrong = {
        "until": "next week",
        "expected_on": "2027-02-30",
        "amount": "-1",
        "health": "splendid",
    }
    wrong |= {"reason": "", "paperwork": "", "on": "2027-02-02", "term": "some time"}
    right = {"until": "2027-01-12", "expected_on": "", "amount": "3600000", "term": "12 months"}
    right |= {
        "reason": "budget",
        "paperwork": "quoted",
        "health": "critical",
        "on": "",
        "ends_on": "",
    }
    for offer in OFFERS:
        page = site.get(site.link(offer))
        yield page
        for typed in (wrong, RIGHT, RIGHT):
            done = site.post(page.path, page.fields | typed)
            yield done
        if done.parsed.actions:
            with suppress(KeyError):
                yield site.undo(done)
    yield site.get(site.link("renew", DAN_ID))
    yield site.get(site.link("renew") + "x")
    yield site.get("/nowhere")
    less = f"/less/{site.links.token(LESS, Link(ANN_ID))}"
    yield site.get(less)
    yield site.post(less, {"pace": "weekly"})
    site.pages.feeds.keep_secret(ANN_ID, hash_of("secret"))
    yield site.get("/calendar/secret.ics")
    yield site.get("/calendar/another.ics")
    old = site.link("renew")
    site.later(days=200)
    yield site.get(old)
    for _ in range(2):
        yield site.post(old, {"do": "fresh"})


def slack() -> Iterator[str]:
    """What is posted, every form with what is refused in it, the home, and the command."""
    with TemporaryDirectory() as folder:
        for reception in reception_on(f"sqlite:///{folder}/renewals.db"):
            reception.tell_everybody()
            reception.open()
            said = _talk(reception)
            found = reception.slack
            yield from _texts_in((found.modals, found.homes, found.posts, found.whispers, said))


def _texts_in(value: Any) -> Iterator[str]:
    """Every text in what was sent to Slack."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _texts_in(asdict(value))
    elif isinstance(value, Mapping):
        yield from _texts_in(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts_in(each)


def _talk(reception: Reception) -> list[Any]:
    """Answers of every kind, and questions; what forms were answered with."""
    said: list[Any] = []
    for user in (ANN, CHIKA, DAN, STRANGER):
        for text in ("", "help", "C-1", "C-9"):
            with suppress(IndexError):
                reception.command(user, text)
        reception.open_home(user)
    for typed in ({"until": "2020-01-01", "expected_on": "2020-01-01", "amount": "much"}, RIGHT):
        for offer in ("renew", "at_risk", "unsure", "snooze", "paperwork", "health", "won", "lost"):
            with suppress(StopIteration):
                reception.press(ANN, offer)
                answered = reception.send_form(ANN, "", None, **typed)
                said.append(answered.payload)
    reception.press(CHIKA, "seen")
    reception.press(DAN, "won")
    reception.refresh()
    for text in ("", "C-1", "C-2"):
        reception.command(ANN, text)
    reception.open_home(ANN)
    return said


def _read(html: str) -> str:
    """What a person reads of a page or a mail, a line for each element."""
    return unescape(_TAGS.sub("\n", html))


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "samples": samples,
    "mails": mails,
    "pages": pages,
    "slack": slack,
}

if __name__ == "__main__":
    with abroad():
        for said in PARTS[sys.argv[1]]():
            print(said)
