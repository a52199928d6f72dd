"""The stores of one database: what each use case needs of the storage.

Always holds: a store's module is imported when it is first asked for (a listing imports no Slack
and no migrations).
"""

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from scheduler.app.folder import OpenFolder

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from scheduler.ports import Begin
    from scheduler.storage.answers.answering import AnswerQueries
    from scheduler.storage.answers.calendar_feed import FeedRows
    from scheduler.storage.answers.linked import LinkedRows
    from scheduler.storage.answers.worklist import WorklistRows
    from scheduler.storage.audit.balancing import BalancedRows
    from scheduler.storage.audit.installation import InstallationRows
    from scheduler.storage.audit.liveness import LivenessRows
    from scheduler.storage.database.housekeeping import Housekeeping
    from scheduler.storage.database.restored import RestoredRows
    from scheduler.storage.database.seals import SealRows
    from scheduler.storage.database.timekeeping import Timekeeping
    from scheduler.storage.deals.listing import ListingRows
    from scheduler.storage.deals.sheets import SheetRows
    from scheduler.storage.deals.sweeping import SweepQueries
    from scheduler.storage.delivery.delivering import DeliveryQueries
    from scheduler.storage.delivery.forming import FormingQueries
    from scheduler.storage.delivery.pauses import PauseQueries, PauseRows
    from scheduler.storage.delivery.punctuality import PunctualityRows
    from scheduler.storage.delivery.refreshing import RefreshQueries
    from scheduler.storage.delivery.releasing import ReleaseQueries
    from scheduler.storage.delivery.resending import RetryQueries
    from scheduler.storage.digests.digests import DigestQueries
    from scheduler.storage.imports.editing import EditQueries
    from scheduler.storage.imports.first_load import HeldQueries
    from scheduler.storage.imports.importing import ImportQueries
    from scheduler.storage.imports.parts import ImportRows
    from scheduler.storage.imports.signals import SignalImports
    from scheduler.storage.imports.undo import UndoQueries
    from scheduler.storage.imports.undoing_parts import UndoingParts
    from scheduler.storage.imports.unfinished import UnfinishedRows
    from scheduler.storage.people.absences import Absences
    from scheduler.storage.policy.history import PolicyHistory
    from scheduler.storage.policy.planning import PlanRows
    from scheduler.storage.reports.answers import AnswersRows
    from scheduler.storage.reports.backtest import BacktestRows
    from scheduler.storage.reports.digests import WholeDigestQueries
    from scheduler.storage.reports.funnel_and_lost import FunnelRows
    from scheduler.storage.reports.load import LoadRows
    from scheduler.storage.reports.meeting import MeetingRows
    from scheduler.storage.reports.passage import PassageSums
    from scheduler.storage.reports.renewals import RenewalRows
    from scheduler.storage.reports.scope import ScopeRows
    from scheduler.storage.signals.listing import SignalListingRows


T = TypeVar("T")


class Stores(OpenFolder):
    """What each use case asks of the database: what begins its transactions, or what it reads
    with."""

    def transactions(self, made: "Callable[[Connection], T]") -> "Begin[T]":
        """Begins transactions, each with what `made` makes of its connection."""
        from scheduler.storage.database.transactions import transactions

        return transactions(self.engine, made)

    def looks(self, made: "Callable[[Connection], T]", *, still: bool = False) -> "Begin[T]":
        """The same, only to read; `still`: from one instant, whatever is written meanwhile."""
        from scheduler.storage.database import transactions

        reading = transactions.still(self.reading) if still else self.reading
        return transactions.transactions(reading, made)

    @property
    def balancing(self) -> "Begin[BalancedRows]":
        """For `services.audit.balance`: one instant of the database."""
        from scheduler.storage.audit.balancing import BalancedRows

        return self.looks(BalancedRows, still=True)

    @cached_property
    def seals(self) -> "SealRows":
        """Seals what was written, for the balance."""
        from scheduler.storage.database.seals import SealRows

        return SealRows(self.engine)

    @property
    def signal_listing(self) -> "Begin[SignalListingRows]":
        """For `services.signals.listing`."""
        from scheduler.storage.signals.listing import SignalListingRows

        return self.looks(SignalListingRows)

    @cached_property
    def signal_imports(self) -> "SignalImports":
        """For `services.signals.importing`."""
        from scheduler.storage.imports.signals import SignalImports

        return SignalImports(self.engine)

    @cached_property
    def plans(self) -> "PlanRows":
        """For `services.policy.planning`."""
        from scheduler.storage.policy.planning import PlanRows

        return PlanRows(self.engine, self.reading)

    @cached_property
    def versions(self) -> "PolicyHistory":
        """For `services.policy.versions`."""
        from scheduler.storage.policy.history import PolicyHistory

        return PolicyHistory(self.reading)

    @cached_property
    def keeping(self) -> "Timekeeping":
        """For `daemon.clock_watch`, and whoever asks when the last sweep was."""
        from scheduler.storage.database.timekeeping import Timekeeping

        return Timekeeping(self.engine, self.reading)

    @property
    def sweeping(self) -> "Begin[SweepQueries]":
        """For `services.deals.sweep`."""
        from scheduler.storage.deals.sweeping import SweepQueries

        return self.transactions(SweepQueries)

    @cached_property
    def imports(self) -> "ImportRows":
        """For `services.imports.importing`."""
        from scheduler.storage.imports.parts import ImportRows

        return ImportRows(self.engine)

    @property
    def importing_people(self) -> "Begin[ImportQueries]":
        """For `services.imports.people`."""
        from scheduler.storage.imports.importing import ImportQueries

        return self.transactions(ImportQueries)

    @cached_property
    def unfinished(self) -> "UnfinishedRows":
        """For `services.imports.unfinished`."""
        from scheduler.storage.imports.unfinished import UnfinishedRows

        return UnfinishedRows(self.engine, self.reading)

    @property
    def editing(self) -> "Begin[EditQueries]":
        """For `services.imports.editing`."""
        from scheduler.storage.imports.editing import EditQueries

        return self.transactions(EditQueries)

    @property
    def undoing(self) -> "Begin[UndoQueries]":
        """For `services.imports.undo`."""
        from scheduler.storage.imports.undo import UndoQueries

        return self.transactions(UndoQueries)

    @property
    def undoing_parts(self) -> "UndoingParts":
        """For `services.imports.undo`, of many signals."""
        from scheduler.storage.imports.undoing_parts import UndoingParts

        return UndoingParts(self.engine)

    @property
    def answering(self) -> "Begin[AnswerQueries]":
        """For `services.answers.answering`."""
        from scheduler.storage.answers.answering import AnswerQueries

        return self.transactions(AnswerQueries)

    @property
    def absences(self) -> "Begin[Absences]":
        """For `services.people.absences`."""
        from scheduler.storage.people.absences import Absences

        return self.transactions(Absences)

    @property
    def digest_looking(self) -> "Begin[WholeDigestQueries]":
        """What `services.digests.round` looks at."""
        from scheduler.storage.reports.digests import WholeDigestQueries

        return self.looks(WholeDigestQueries)

    @property
    def digest_writing(self) -> "Begin[DigestQueries]":
        """What `services.digests.round` writes."""
        from scheduler.storage.digests.digests import DigestQueries

        return self.transactions(DigestQueries)

    @cached_property
    def linked(self) -> "LinkedRows":
        """For `services.answers.linked`."""
        from scheduler.storage.answers.linked import LinkedRows

        return LinkedRows(self.engine, self.reading)

    @cached_property
    def feeds(self) -> "FeedRows":
        """For `services.answers.calendar_feed`."""
        from scheduler.storage.answers.calendar_feed import FeedRows

        return FeedRows(self.engine, self.reading)

    @cached_property
    def punctuality(self) -> "PunctualityRows":
        """For `services.delivery.punctuality`."""
        from scheduler.channels.registry import setup_fingerprints
        from scheduler.storage.delivery.punctuality import PunctualityRows

        return PunctualityRows(
            self.engine, self.reading, setup_fingerprints(self.channel_settings, self.env)
        )

    @cached_property
    def liveness_rows(self) -> "LivenessRows":
        """For `services.audit.liveness` and the outside watcher."""
        from scheduler.channels.registry import setup_fingerprints
        from scheduler.storage.audit.liveness import LivenessRows

        return LivenessRows(
            self.reading, self.clock, setup_fingerprints(self.channel_settings, self.env)
        )

    @property
    def releasing(self) -> "Begin[ReleaseQueries]":
        """For `services.delivery.release`."""
        from scheduler.storage.delivery.releasing import ReleaseQueries

        return self.transactions(ReleaseQueries)

    @property
    def paused(self) -> "Begin[PauseRows]":
        """Looks at pauses; no writer waits for it."""
        from scheduler.storage.delivery.pauses import PauseRows

        return self.looks(PauseRows)

    @property
    def pausing(self) -> "Begin[PauseQueries]":
        """For `services.deals.pauses`."""
        from scheduler.storage.delivery.pauses import PauseQueries

        return self.transactions(PauseQueries)

    @property
    def retrying(self) -> "Begin[RetryQueries]":
        """For `services.delivery.resending`."""
        from scheduler.storage.delivery.resending import RetryQueries

        return self.transactions(RetryQueries)

    @cached_property
    def installation(self) -> "InstallationRows":
        """For `services.audit.installation`: how this installation does."""
        from scheduler.channels.registry import setup_fingerprints
        from scheduler.storage.audit.installation import InstallationRows

        return InstallationRows(
            self.reading, self.engine, setup_fingerprints(self.channel_settings, self.env)
        )

    @cached_property
    def listings(self) -> "ListingRows":
        """For `services.deals.listing`."""
        from scheduler.storage.deals.listing import ListingRows

        return ListingRows(self.reading)

    @cached_property
    def sheets(self) -> "SheetRows":
        """For files for spreadsheets."""
        from scheduler.storage.deals.sheets import SheetRows

        return SheetRows(self.reading)

    @property
    def holding(self) -> "Begin[HeldQueries]":
        """For `services.imports.first_load`."""
        from scheduler.storage.imports.first_load import HeldQueries

        return self.transactions(HeldQueries)

    @cached_property
    def passage_sums(self) -> "PassageSums":
        """For `services.reports.passage`."""
        from scheduler.storage.reports.passage import PassageSums

        return PassageSums(self.reading)

    @property
    def forming(self) -> "Begin[FormingQueries]":
        """For `services.delivery.form`."""
        from scheduler.storage.delivery.forming import FormingQueries

        return self.transactions(FormingQueries)

    @property
    def delivering(self) -> "Begin[DeliveryQueries]":
        """For `services.delivery.deliver` and `recover`."""
        from scheduler.channels.registry import setup_fingerprints
        from scheduler.storage.delivery.delivering import DeliveryQueries

        setups = setup_fingerprints(self.channel_settings, self.env)
        return self.transactions(lambda connection: DeliveryQueries(connection, setups))

    @property
    def refreshing(self) -> "Begin[RefreshQueries]":
        """For `services.delivery.refresh`."""
        from scheduler.storage.delivery.refreshing import RefreshQueries

        return self.transactions(RefreshQueries)

    @cached_property
    def worklist(self) -> "WorklistRows":
        """For what people do on Slack, and who they are there."""
        from scheduler.storage.answers.worklist import WorklistRows

        return WorklistRows(self.engine, self.reading)

    @cached_property
    def housekeeping(self) -> "Housekeeping":
        """Housekeeping."""
        from scheduler.storage.database.housekeeping import Housekeeping

        return Housekeeping(self.engine)

    @cached_property
    def restored(self) -> "RestoredRows":
        """Whether this is a copy that was put back and waits."""
        from scheduler.storage.database.restored import RestoredRows

        return RestoredRows(self.engine, self.reading)

    @property
    def renewals(self) -> "Begin[RenewalRows]":
        """For `services.reports`: one instant of the database."""
        from scheduler.storage.reports.renewals import RenewalRows

        return self.looks(RenewalRows, still=True)

    @property
    def report_scope(self) -> "Begin[ScopeRows]":
        """For `services.reports.scope`."""
        from scheduler.storage.reports.scope import ScopeRows

        return self.looks(ScopeRows)

    @property
    def meeting(self) -> "Begin[MeetingRows]":
        """For `services.reports.meeting`: one instant of the database."""
        from scheduler.storage.reports.meeting import MeetingRows

        return self.looks(MeetingRows, still=True)

    @property
    def load(self) -> "Begin[LoadRows]":
        """For `services.reports.load`: one instant of the database."""
        from scheduler.storage.reports.load import LoadRows

        return self.looks(LoadRows, still=True)

    @property
    def asked_questions(self) -> "Begin[AnswersRows]":
        """For `services.reports.answers`: one instant of the database."""
        from scheduler.storage.reports.answers import AnswersRows

        return self.looks(AnswersRows, still=True)

    @property
    def backtest(self) -> "Begin[BacktestRows]":
        """For `services.reports.backtest`: one instant of the database."""
        from scheduler.storage.reports.backtest import BacktestRows

        return self.looks(BacktestRows, still=True)

    @property
    def funnel_and_lost(self) -> "Begin[FunnelRows]":
        """For `services.reports.funnel_and_lost`: one instant of the database."""
        from scheduler.storage.reports.funnel_and_lost import FunnelRows

        return self.looks(FunnelRows, still=True)
