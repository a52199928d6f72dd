"""A saved config.toml: seen, taken up (`app.policy_edits`), and the admins told where it is not in
force."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from scheduler.app.policy_edits.judged import broken_templates, shown
from scheduler.app.policy_edits.notices import file_notices, of_templates
from scheduler.app.policy_edits.taken_up import NotRead, taken_up
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import Joined, Label
from scheduler.daemon.admins import Admins
from scheduler.ports import StoreUnavailableError
from scheduler.services.delivery.alerts import BROKEN_TEXT, broken_text_key
from scheduler.services.policy.in_force import FileStatus, Followed
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.words.problems import Problem

TOLD_PROBLEMS = 10
PAUSE_LOOKS = 30
_TO_DO = Label("Fix the file and save it. To check it: renewals check")


class Reload:
    """Watches the files of one App's working folder."""

    def __init__(self, app: "App", admins: Admins) -> None:
        self._app, self._admins = app, admins
        self._stamp = self._seen = app.working_folder.stamp()
        self._read_at = app.clock.now()
        self._pause = 0

    def look(self, asked: bool) -> None:
        """Takes over an edited configuration, on SIGHUP at once, else as soon as what was saved has
        stayed the same from one look to the next.

        One that has mistakes or cannot be read changes nothing, and the admins are told once per
        save. Where the database cannot be reached the edit is taken over later.
        """
        stamp = self._app.working_folder.stamp()
        settled, self._seen = stamp == self._seen, stamp
        self._pause = max(0, self._pause - 1)
        if not asked and (stamp == self._stamp or not settled or self._pause):
            return
        try:
            self._take_over(stamp, self._app.clock.now())
        except StoreUnavailableError:
            self._pause = PAUSE_LOOKS
            raise
        self._stamp = stamp

    def _take_over(self, stamp: Sequence[object], now: datetime) -> None:
        """Puts what the files say in force, or tells why not; an old copy is reported."""
        followed = taken_up(self._app, "daemon", now)
        if isinstance(followed, NotRead):
            self._refused(followed.problems, stamp, now)
            return
        self._read_at = now
        for notice in file_notices(followed):
            log().warning("policy", said=notice.en, version=followed.in_force.version)
            self._tell_standing(followed, self._app.config.hash, notice, now)
        if not followed.applied:
            log().info("configuration read", changed=False, version=followed.in_force.version)

    def tell_of_start(self) -> None:
        """Tells the admins, once for each content, how config.toml stood at the start: an old copy,
        an edit that waits, texts with mistakes."""
        followed, now = self._app.followed, self._app.clock.now()
        if followed is None:
            return
        for notice in file_notices(followed):
            self._tell_standing(followed, self._app.config.hash, notice, now)
        if followed.standing is FileStatus.FIRST:
            self._tell_texts(broken_templates(self._app.config.policy.templates), now)

    def _tell_texts(self, problems: "Sequence[Problem]", now: datetime) -> None:
        """Tells the admins, once for each file, of mistakes in the texts that the first version
        came with: the shipped ones stand in for them."""
        for file in dict.fromkeys(p.file for p in problems):
            lines = shown([p for p in problems if p.file == file])
            said = Label.verbatim(Joined(lines[:TOLD_PROBLEMS], "\n"))
            key = broken_text_key(self._app.policy.version, file)
            self._admins.tell(key, BROKEN_TEXT, said, _TO_DO, now)

    def _tell_standing(self, followed: Followed, hash: str, notice: Label, now: datetime) -> None:
        """Tells the admins, once for each content, of a file that is not in force."""
        key = f"{hash}:{followed.in_force.version}"
        if followed.standing is FileStatus.STALE:
            says = followed.says or "?"
            title = Label("config.toml is the same as an earlier version")
            todo = Label(
                (
                    "To go back to version {says}: renewals config rollback {says}. To keep "
                    "what is in force: renewals config export > config.toml"
                ),
                says=says,
            )
            self._admins.tell(f"stale:{key}", title, notice, todo, now)
        elif followed.objections and of_templates(followed):
            title = Label("a message template has mistakes; the earlier texts stay in use")
            self._admins.tell(f"waits:{key}", title, notice, _TO_DO, now)
        elif followed.objections:
            title = Label("the edit of config.toml waits for you")
            todo = Label("Look with `renewals plan`, then `renewals apply` it.")
            self._admins.tell(f"waits:{key}", title, notice, todo, now)

    def _refused(self, problems: Sequence[Label], stamp: Sequence[object], now: datetime) -> None:
        """A configuration that cannot be used: the one before stays. It is told once for each save
        since one was last read: a file that is gone has the same stamp each time."""
        log().error(
            "configuration refused; the one before stays in force",
            problems=[p.en for p in problems],
        )
        rest = len(problems) - TOLD_PROBLEMS
        more = [Label("and {rest} more", rest=rest)] if rest > 0 else []
        told = [*problems[:TOLD_PROBLEMS], *more]
        self._admins.tell(
            f"config:{stable_key(*stamp, self._read_at)}",
            Label("config.toml has mistakes; the earlier settings stay in force"),
            Label.verbatim(Joined(told, "\n")),
            _TO_DO,
            now,
        )
