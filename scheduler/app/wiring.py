"""The only module that joins things: a working folder's configuration, its database, the channels
and the texts become one `App`.

Always holds: nothing is read, imported or connected before it is needed (a listing imports no Slack
and no migrations); what was opened is closed with the App.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scheduler.app.sending import Sending
from scheduler.app.shipped import shipped_templates
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.storage.database.transactions import transactions
from scheduler.system.clock import steady_seconds

if TYPE_CHECKING:
    from scheduler.app.hubspot import HubSpotRounds
    from scheduler.channels.slack.directory import SlackDirectory
    from scheduler.core.machine.liveness import Vitals
    from scheduler.core.reports.printed import PrintedPart
    from scheduler.inbound.slack.listener import SlackListener
    from scheduler.inbound.web.listener import Listener
    from scheduler.inbound.web.pages import AnswerPages
    from scheduler.services.answers.inbox import Failed
    from scheduler.services.audit.liveness import DaemonHealth, LivenessAnswers
    from scheduler.services.audit.measuring import Measures


class App(Sending):
    """One working folder, joined together: what it sends with (`sending`, over `copies`, `stores`
    and `folder`), and who listens to it and watches it."""

    def answer_pages(self) -> "AnswerPages":
        """What the pages behind links work with."""
        from scheduler.app.shipped import shipped_pages
        from scheduler.inbound.web.pages import AnswerPages
        from scheduler.render.pages import PageTemplates

        links = self.links or self._signer(f"http://{self.config.machine.listen}")
        pages = PageTemplates(shipped_templates(), shipped_pages())
        return AnswerPages(
            self.linked,
            self.feeds,
            self.answering,
            self.keeper.policy,
            links,
            self.clock,
            pages,
            tuple(self.channels),
        )

    def printed(self, document: "PrintedPart", language: Language) -> str:
        """A report to be printed, as HTML."""
        from scheduler.app.shipped import shipped_reports
        from scheduler.render.printed_report import ReportPages

        return ReportPages(shipped_reports()).document(document, language)

    def listener(self, health: "DaemonHealth", measures: "Callable[[], Measures]") -> "Listener":
        """Serves the pages at `[machine] listen`. Where they are not public and there is no
        `health_listen`, /livez, /readyz and /metrics are answered there too, to this machine
        alone."""
        from scheduler.core.config.addresses import is_this_machine
        from scheduler.inbound.web.app import make_app
        from scheduler.inbound.web.listener import Listener
        from scheduler.inbound.web.liveness import for_this_machine, health_routes

        machine = self.config.machine
        private = (
            is_this_machine(urlsplit(machine.base_url).hostname or "localhost")
            and not machine.health_listen
        )
        watching = (
            for_this_machine(health_routes(health, measures, _page_failed)) if private else []
        )
        return Listener(
            make_app(self.answer_pages(), _page_failed, health.serving, watching), machine.listen
        )

    def health_listener(
        self, health: "LivenessAnswers", measures: "Callable[[], Measures]"
    ) -> "Listener":
        """Answers whoever watches this machine at `[machine] health_listen`."""
        from scheduler.inbound.web.listener import Listener
        from scheduler.inbound.web.liveness import make_health_app

        return Listener(
            make_health_app(health, measures, _page_failed),
            self.config.machine.health_listen,
            "health_listen",
        )

    def health(self, vitals: "Callable[[], Vitals]") -> "DaemonHealth":
        """How a daemon is doing."""
        from scheduler.services.audit.liveness import DaemonHealth

        return DaemonHealth(
            vitals,
            self.liveness_rows,
            self.config.machine.sweep_seconds,
            steady_seconds,
            lambda error: _page_failed("health", error),
        )

    def measures(
        self, vitals: "Vitals", outcomes: "Mapping[tuple[ChannelName, str], int]"
    ) -> "Measures":
        """The figures that a machine watches."""
        from scheduler import __version__
        from scheduler.app.hubspot import standing_of
        from scheduler.services.audit.measuring import Measures, SyncMeasures

        installation, punctual = self.installation.look(self.clock.now()), self.punctuality.kept()
        made = Measures(
            installation, vitals, tuple(self.channels), dict(outcomes), __version__, punctual
        )
        if self.policy.hubspot is None:
            return made
        return replace(made, sync=SyncMeasures(*standing_of(self, self.clock.now())))

    @contextmanager
    def slack_listener(
        self, on_failed: "Callable[[Failed], None]", on_acted: "Callable[[], object]"
    ) -> "Iterator[SlackListener]":
        """Listens to Slack's buttons until the end of the block. Raises UserMustActError for tokens
        that cannot work."""
        from scheduler.channels.slack.web import StayingClient
        from scheduler.channels.slack.workspace import SlackWorkspace
        from scheduler.inbound.slack.actions import Actions
        from scheduler.inbound.slack.listener import SlackListener
        from scheduler.storage.answers.inbox import InboxQueries
        from scheduler.storage.answers.worklist import WorklistRows
        from scheduler.system.logs import log

        for problem in self.slack_problems():
            raise UserMustActError(problem)
        api_url = self.env.get("SLACK_API_URL")
        workspace = SlackWorkspace(self.env["SLACK_BOT_TOKEN"].strip(), api_url)
        store, inbox = (
            WorklistRows(self.engine, self.reading),
            transactions(self.engine, InboxQueries),
        )
        actions = Actions(
            store, self.answering, self.absences, workspace, self._texts, lambda: self.policy
        )
        listener = SlackListener(
            self.env["SLACK_APP_TOKEN"].strip(),
            StayingClient(None, api_url, timeout=10),
            inbox,
            actions,
            self.clock,
            tell=lambda event, **facts: log().info(event, **facts),
            on_failed=on_failed,
            on_acted=on_acted,
        )
        listener.start()
        try:
            yield listener
        finally:
            listener.stop()

    def hubspot_rounds(self) -> "HubSpotRounds":
        """Keeps HubSpot in step; to be closed by whoever asked."""
        from scheduler.app.hubspot import HubSpotRounds

        return HubSpotRounds(self)

    def slack_directory(self) -> "SlackDirectory":
        """Looks people up on Slack. Raises UserMustActError where Slack is not configured."""
        from scheduler.channels.slack.directory import SlackDirectory

        if ChannelName.SLACK not in self.channels:
            raise UserMustActError("SLACK_BOT_TOKEN is not set (docs/slack.md)")
        return SlackDirectory(self.env["SLACK_BOT_TOKEN"].strip(), self.env.get("SLACK_API_URL"))

    def slack_problems(self) -> "list[Label]":
        """What is wrong with the token for Slack's buttons, as far as can be seen; nothing where
        none is set."""
        token = self.env.get("SLACK_APP_TOKEN", "").strip()
        if not token:
            return []
        if not token.startswith("xapp-") or not token.isascii() or any(c.isspace() for c in token):
            return [
                Label("SLACK_APP_TOKEN is not an app-level token of Slack's; it begins with xapp-")
            ]
        if not self.env.get("SLACK_BOT_TOKEN", "").strip():
            return [Label("SLACK_APP_TOKEN needs SLACK_BOT_TOKEN beside it")]
        return []


def _page_failed(page: str, error: Exception) -> None:
    """Logs what nobody expected of a page; its address is in no log, because it holds a secret."""
    from scheduler.ports import StoreUnavailableError
    from scheduler.system.logs import log

    log().error(
        "page failed",
        page=page,
        because=str(error),
        exc_info=None if isinstance(error, StoreUnavailableError) else error,
    )
