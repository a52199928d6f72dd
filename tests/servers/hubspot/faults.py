"""What goes wrong with a request, on demand or by chance with a seed.

server.faults.next("batch update", cut_after())        the next call of that kind
server.faults.next("*", status(500), status(502))      the next two of any kind
server.faults.by_chance(seed=7, each=0.05)             one in twenty, any fault that may befall it
"""

import re
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.servers.hubspot.answers import Answer, Json, RefusedError
from tests.servers.hubspot.limits import too_many

HTML_URL_TOO_LONG = (
    "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>\r\n"
    "<center><h1>414 Request-URI Too Large</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `instead`: this is answered and nothing is carried out; `cut`: the connection is
    closed without an answer, "before" or "after" the request was carried out; `half`: the body
    breaks off in the middle; `twice`: the page before once more; `short`: half of a page's records
    are missing, though its `after` is as ever; `empty`: a 207 with
    nothing in it, though all was carried out; `seconds` it takes longer."""

    name: str
    instead: Answer | RefusedError | None = None
    cut: str = ""
    half: bool = False
    twice: bool = False
    short: bool = False
    empty: bool = False
    seconds: float = 0.0

    def spoils(self, answer: Answer) -> Answer:
        """An answer after the fault."""
        if self.short and isinstance(answer.body, dict) and "results" in answer.body:
            results = answer.body["results"]
            return Answer(answer.status, {**answer.body, "results": results[::2]}, answer.headers)
        if self.empty and isinstance(answer.body, dict) and answer.status in (200, 201, 207):
            kept: Json = {k: v for k, v in answer.body.items() if k.endswith("At")}
            return Answer(207, {"status": "COMPLETE", "results": [], **kept}, answer.headers)
        return answer


def status(code: int, message: str = "internal error") -> Fault:
    """A bare error in JSON with most fields missing."""
    return Fault(f"status {code}", Answer(code, {"status": "error", "message": message}))


def html(code: int = 504) -> Fault:
    """An error page of the proxy in front."""
    page = HTML_URL_TOO_LONG if code == 414 else f"<html><body><h1>{code}</h1></body></html>"
    return Fault(f"html {code}", Answer(code, page))


def cut_before() -> Fault:
    """The connection is closed; nothing was carried out."""
    return Fault("cut before", cut="before")


def cut_after() -> Fault:
    """The connection is closed; all was carried out."""
    return Fault("cut after", cut="after")


def half_body() -> Fault:
    """The answer breaks off: its length was promised."""
    return Fault("half body", half=True)


def same_page() -> Fault:
    """Instead of a further page the one before, once more, with its `after`."""
    return Fault("same page", twice=True)


def half_page() -> Fault:
    """Every second record of a page is missing, and nothing tells: only a comparison of all ids
    finds out."""
    return Fault("half page", short=True)


def empty_207() -> Fault:
    """A 207 with nothing in it, though all was carried out."""
    return Fault("empty 207", empty=True)


def slow(seconds: float) -> Fault:
    """Late."""
    return Fault(f"slow {seconds}", seconds=seconds)


def rate_limited(policy: str = "TEN_SECONDLY_ROLLING", resets_at: int | None = None) -> Fault:
    """429 without a limit having been reached here: another app's doing."""
    return Fault(f"429 {policy}", too_many(policy, policy.lower(), resets_at))


def migrating(seconds: int = 3600) -> Fault:
    """477: the account is being moved; Retry-After in seconds.
    [R] docs/api-reference/error-handling"""
    body: Json = {"status": "error", "message": "This account is being migrated."}
    return Fault("477", Answer(477, body, {"Retry-After": str(seconds)}))


def locked() -> Fault:
    """423: wait two seconds at least. [R] docs/api-reference/error-handling"""
    return Fault("423", RefusedError(423, "LOCKED", "The record is locked."))


READ_FAULTS = (
    status(500),
    status(502),
    html(504),
    cut_before(),
    half_body(),
    rate_limited("SECONDLY"),
    rate_limited(),
)
PAGE_FAULTS = (same_page(),)
WRITE_FAULTS = (
    status(500),
    html(504),
    cut_before(),
    cut_after(),
    half_body(),
    locked(),
    rate_limited(),
    empty_207(),
)


@dataclass
class Faults:
    """The faults to come. `done` are those that befell a call, in order."""

    done: list[tuple[str, str]] = field(default_factory=list)
    _queues: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _chance: Random | None = None
    _each: float = 0.0
    _kinds: Sequence[str] = ()

    def next(self, kind: str, *faults: Fault) -> None:
        """What befalls the next calls of a kind (see routes.py), one each; "*" is any kind, and
        anything with a slash a pattern for the path."""
        self._queues[kind].extend(faults)

    def by_chance(self, seed: int, each: float, kinds: Sequence[str] = ()) -> None:
        """From now on a fault befalls a call with this probability, of these kinds or of any."""
        self._chance, self._each, self._kinds = Random(seed), each, kinds

    def stop(self) -> None:
        """None any more."""
        self._queues.clear()
        self._chance = None

    def draw(self, kind: str, path: str, *, writes: bool, pages: bool) -> Fault | None:
        """The fault of one call."""
        found = self._queued(kind, path) or self._drawn(kind, writes=writes, pages=pages)
        if found is not None:
            self.done.append((kind, found.name))
        return found

    def _queued(self, kind: str, path: str) -> Fault | None:
        for name, queue in self._queues.items():
            fits = name in ("*", kind) or ("/" in name and re.search(name, path))
            if fits and queue:
                return queue.popleft()
        return None

    def _drawn(self, kind: str, *, writes: bool, pages: bool) -> Fault | None:
        if self._chance is None or (self._kinds and kind not in self._kinds):
            return None
        if self._chance.random() >= self._each:
            return None
        may = WRITE_FAULTS if writes else READ_FAULTS + PAGE_FAULTS * pages
        return self._chance.choice(may)
