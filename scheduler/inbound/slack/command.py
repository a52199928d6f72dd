"""`/renewals`: my renewals; `/renewals NUMBER`: one contract with its buttons; `/renewals help`.

Always holds: somebody whom a contract does not concern is told the same as of one that does not
exist.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from scheduler.core.deal.authority import may_answer
from scheduler.core.deal.people import Person
from scheduler.core.facts.nudge_facts import message_facts
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack.home import MORE, renewals
from scheduler.inbound.slack.replies import Block, section
from scheduler.ports import Renderer
from scheduler.services.answers.worklist import WorklistStore, facts_of_deal

_BLOCKS_LIMIT = 50
_HELP = Label(
    "`/renewals` your renewals, the most urgent first\n`/renewals NUMBER` one contract, with "
    "buttons to answer\n`/renewals help` this help\nAbsences and how often you hear are on the "
    "app's Home tab."
)
_NOT_FOUND = Label("There is no contract {number}, or it is not yours. Yours: `/renewals`")


class SlashCommand:
    """Answers the slash command."""

    def __init__(self, store: WorklistStore, renderer: Callable[[], Renderer]) -> None:
        self._store = store
        self._renderer = renderer

    def answer(
        self, text: str, person: Person, policy: Policy, language: Language, now: datetime
    ) -> tuple[str, Sequence[Block]]:
        """What the person is told: as text for notifications, and in blocks."""
        wanted = " ".join(text.split())
        if wanted.lower() in ("help", "?", "ヘルプ"):
            return _HELP.of(language), [section(_HELP.of(language))]
        if not wanted:
            blocks = renewals(self._store, person, policy, language, now)
            return str(blocks[0]["text"]["text"]), blocks
        return self._contract(wanted.removeprefix("show "), person, policy, language, now)

    def _contract(
        self, number: str, person: Person, policy: Policy, language: Language, now: datetime
    ) -> tuple[str, Sequence[Block]]:
        """The contracts of a number that are this person's business: the open terms, and the newest
        closed one. Those for which there is no room are counted."""
        known = [d for d in self._store.deals_numbered(number) if d.pipeline in policy.pipelines]
        deals = [d for d in known if may_answer(person, d, local_day(now, zone_of(d, policy)))]
        open_ones = [
            d
            for d in deals
            if (s := policy.pipelines[d.pipeline].find(d.stage)) is None or s.is_open
        ]
        closed = [d for d in deals if d not in open_ones][:1]
        if not deals:
            text = _NOT_FOUND.of(language).format(number=escaped(number))
            return text, [section(text)]
        items = [facts_of_deal(deal, policy, language, now) for deal in [*open_ones, *closed]]
        posts = [
            self._renderer().render(
                "nudges", message_facts(person.name, [item]), language, ChannelName.SLACK
            )
            for item in items
        ]
        return escaped(posts[0].subject), _fitted(
            [[block for post in rendered.blocks for block in post] for rendered in posts], language
        )


def _fitted(contracts: Sequence[Sequence[Block]], language: Language) -> Sequence[Block]:
    """As many whole contracts as Slack takes, the first in any case, and how many more there
    are."""
    blocks = list(contracts[0][:_BLOCKS_LIMIT])
    for shown, contract in enumerate(contracts[1:], 1):
        left = len(contracts) - shown
        if len(blocks) + len(contract) + (left > 1) > _BLOCKS_LIMIT:
            return [*blocks[: _BLOCKS_LIMIT - 1], section(MORE.of(language).format(count=left))]
        blocks += contract
    return blocks
