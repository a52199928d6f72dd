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
    from scheduler.storage.answers.answering import Answering
    from scheduler.storage.answers.feed import FeedRows
    from scheduler.storage.answers.linked import LinkedRows
    from scheduler.storage.answers.worklist import WorklistRows
    from scheduler.storage.audit.balancing import BalanceRows
    from scheduler.storage.audit.health import HealthRows
    from scheduler.storage.audit.installation import InstallationRows
    from scheduler.storage.database.housekeeping import Housekeeping
    from scheduler.storage.database.restored import RestoredRows
    from scheduler.storage.database.seals import SealRows
    from scheduler.storage.database.timekeeping import Timekeeping
    from scheduler.storage.deals.listing import ListingRows
    from scheduler.storage.deals.reporting import ReportRows
    from scheduler.storage.deals.sheets import SheetRows
    from scheduler.storage.deals.sweeping import Sweeping
    from scheduler.storage.delivery.delivering import DeliveryRows
    from scheduler.storage.delivery.forming import Forming
    from scheduler.storage.delivery.pauses import PauseRows
    from scheduler.storage.delivery.punctuality import PunctualityRows
    from scheduler.storage.delivery.refreshing import Refreshing
    from scheduler.storage.delivery.releasing import Releasing
    from scheduler.storage.delivery.retrying import Retrying
    from scheduler.storage.digests.digests import DigestRows
    from scheduler.storage.imports.editing import EditRows
    from scheduler.storage.imports.first_load import Holding
    from scheduler.storage.imports.parts import ImportRows
    from scheduler.storage.imports.undo import Undoing
    from scheduler.storage.imports.unfinished import UnfinishedRows
    from scheduler.storage.people.absences import AbsenceRows
    from scheduler.storage.policy.history import PolicyHistory
    from scheduler.storage.policy.planning import PlanRows


T = TypeVar("T")


class Stores(OpenFolder):
    """What each use case asks of the database: what begins its transactions, or what it reads
    with."""

    def transactions(self, made: "Callable[[Connection], T]") -> "Begin[T]":
        """Begins transactions, each with what `made` makes of its connection."""
        from scheduler.storage.database.transactions import transactions

        return transactions(self.engine, made)

    @cached_property
    def balances(self) -> "BalanceRows":
        """For `services.audit.balance`."""
        from scheduler.storage.audit.balancing import BalanceRows

        return BalanceRows(self.reading, self.engine)

    @cached_property
    def seals(self) -> "SealRows":
        """Seals what was written, for the balance."""
        from scheduler.storage.database.seals import SealRows

        return SealRows(self.engine)

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
        """What the database knows about time."""
        from scheduler.storage.database.timekeeping import Timekeeping

        return Timekeeping(self.engine, self.reading)

    @property
    def sweeping(self) -> "Begin[Sweeping]":
        """For `services.deals.sweep`."""
        from scheduler.storage.deals.sweeping import Sweeping

        return self.transactions(Sweeping)

    @cached_property
    def imports(self) -> "ImportRows":
        """For `services.imports.importing`."""
        from scheduler.storage.imports.parts import ImportRows

        return ImportRows(self.engine)

    @cached_property
    def unfinished(self) -> "UnfinishedRows":
        """For `services.imports.unfinished`."""
        from scheduler.storage.imports.unfinished import UnfinishedRows

        return UnfinishedRows(self.engine, self.reading)

    @cached_property
    def edits(self) -> "EditRows":
        """For `services.imports.editing`."""
        from scheduler.storage.imports.editing import EditRows

        return EditRows(self.engine)

    @property
    def undoing(self) -> "Begin[Undoing]":
        """For `services.imports.undo`."""
        from scheduler.storage.imports.undo import Undoing

        return self.transactions(Undoing)

    @property
    def answering(self) -> "Begin[Answering]":
        """For `services.answers.answering`."""
        from scheduler.storage.answers.answering import Answering

        return self.transactions(Answering)

    @cached_property
    def absences(self) -> "AbsenceRows":
        """For `services.people.absences`."""
        from scheduler.storage.people.absences import AbsenceRows

        return AbsenceRows(self.engine)

    @cached_property
    def digests(self) -> "DigestRows":
        """For `services.digests.round`."""
        from scheduler.storage.digests.digests import DigestRows

        return DigestRows(self.engine, self.reading)

    @cached_property
    def linked(self) -> "LinkedRows":
        """For `services.answers.linked`."""
        from scheduler.storage.answers.linked import LinkedRows

        return LinkedRows(self.engine, self.reading)

    @cached_property
    def feeds(self) -> "FeedRows":
        """For `services.answers.feed`."""
        from scheduler.storage.answers.feed import FeedRows

        return FeedRows(self.engine, self.reading)

    @cached_property
    def punctuality(self) -> "PunctualityRows":
        """For `services.delivery.punctuality`."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.delivery.punctuality import PunctualityRows

        return PunctualityRows(
            self.engine, self.reading, setup_marks(self.channel_settings, self.env)
        )

    @cached_property
    def health_rows(self) -> "HealthRows":
        """For `services.audit.health` and the outside watcher."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.audit.health import HealthRows

        return HealthRows(self.reading, self.clock, setup_marks(self.channel_settings, self.env))

    @property
    def releasing(self) -> "Begin[Releasing]":
        """For `services.delivery.release`."""
        from scheduler.storage.delivery.releasing import Releasing

        return self.transactions(Releasing)

    @cached_property
    def pauses(self) -> "PauseRows":
        """For `services.deals.pauses`."""
        from scheduler.storage.delivery.pauses import PauseRows

        return PauseRows(self.engine, self.reading)

    @property
    def retrying(self) -> "Begin[Retrying]":
        """For `services.delivery.retry`."""
        from scheduler.storage.delivery.retrying import Retrying

        return self.transactions(Retrying)

    @cached_property
    def installation(self) -> "InstallationRows":
        """For `services.audit.installation`: how this installation does."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.audit.installation import InstallationRows

        return InstallationRows(
            self.reading, self.engine, setup_marks(self.channel_settings, self.env)
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
    def holding(self) -> "Begin[Holding]":
        """For `services.imports.first_load`."""
        from scheduler.storage.imports.first_load import Holding

        return self.transactions(Holding)

    @cached_property
    def reports(self) -> "ReportRows":
        """For `services.deals.reports`."""
        from scheduler.storage.deals.reporting import ReportRows

        return ReportRows(self.reading)

    @property
    def forming(self) -> "Begin[Forming]":
        """For `services.delivery.form`."""
        from scheduler.storage.delivery.forming import Forming

        return self.transactions(Forming)

    @cached_property
    def deliveries(self) -> "DeliveryRows":
        """For `services.delivery.deliver` and `recover`."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.delivery.delivering import DeliveryRows

        return DeliveryRows(self.engine, setup_marks(self.channel_settings, self.env))

    @property
    def refreshing(self) -> "Begin[Refreshing]":
        """For `services.delivery.refresh`."""
        from scheduler.storage.delivery.refreshing import Refreshing

        return self.transactions(Refreshing)

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
