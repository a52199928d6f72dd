"""`renewals answer --contracts FILE | --where …`: one answer for several contracts, with one table,
one confirmation and one undo.

Always holds: all or nothing, unless `--skip` leaves out those that cannot take it; what was
recorded together has a number by which it is taken back.
"""

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from scheduler.cli.answers.answer_options import BatchOptions
from scheduler.cli.answers.typed_answer import TypedAnswer
from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.confirming import agreed
from scheduler.cli.terminal.say import as_json, label, say, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.who import who
from scheduler.cli.terminal.words import amount_word, amounts_word, said_word, stage_word
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.deal.contracts import sums
from scheduler.core.imports.names import number_key
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.answers.answer import Answer
    from scheduler.core.deal.deal import Deal
    from scheduler.services.answers.answering_many import BatchItem

_HEADS = frozenset(["contract", "contracts", "contract number", "number", "契約", "契約番号"])
_MOST = 5000


def answer_many(here: CommandContext, typed: TypedAnswer, many: BatchOptions) -> None:
    """Looks, shows, asks, records."""
    from scheduler.services.answers.answering_many import look, record_many

    yes = typed.options.yes
    with here.open(edits=True, makes=False) as app:
        person, name = who(app, typed.options.by, here.env)

        def said(deal: "Deal") -> "Answer":
            answer = typed.read(deal, name, person, app.policy)
            if Asked.REASON in VERBS[answer.verb].required and answer.lost is None:
                raise UserMustActError("say why with --reason")
            return answer

        (wanted, named), now = contracts_meant(app, many), app.clock.now()
        seen = look(app.answering, wanted, said, app.policy, now, named)
        able = [e for e in seen if e.refused is None]
        if not here.json:
            _show(seen, said, app)
        elif many.dry_run or not yes:
            as_json(_values(seen, None))
        if not able or (len(able) < len(seen) and not many.skip):
            raise UserMustActError(
                "the answer does not fit {refused} of {all} contracts, so nothing was "
                "recorded{hint}",
                refused=len(seen) - len(able),
                all=len(seen),
                hint=Label(" (--skip leaves them out)") if able else "",
            )
        if not agreed(yes=yes, dry_run=many.dry_run, asks=not here.json):
            return
        batch = uuid4().hex[:8]
        done = record_many(
            app.answering,
            list(dict.fromkeys(f"#{e.deal.id}" for e in able if e.deal)),
            said,
            app.policy,
            now,
            batch,
            skip=many.skip,
        )
    if here.json:
        as_json(_values([*done, *(e for e in seen if e.refused)], batch))
    else:
        recorded = sum(e.number is not None for e in done)
        say("recorded for {recorded} contracts", recorded=recorded)
        tell("to take it back: renewals answer undo --batch {batch}", batch=batch)


def contracts_meant(app: "App", many: BatchOptions) -> tuple[list[str], list[str]]:
    """The contracts of a file, or those of which the conditions hold, or those of the file of which
    they hold; and those that the file names. Raises UserMustActError."""
    listed = _listed(many.contracts) if many.contracts is not None else []
    if not many.where:
        found = listed
    else:
        of_file = {number_key(number) for number in listed}
        found = [
            f"#{d.id}"
            for d in _where(app, many.where)
            if many.contracts is None or {number_key(d.contract.number), f"#{d.id}"} & of_file
        ]
    if not found:
        raise UserMustActError("there is no such contract")
    if len(found) > _MOST:
        raise UserMustActError(
            "{found} contracts match, but at most {most} can be answered at once",
            found=len(found),
            most=_MOST,
        )
    return list(dict.fromkeys(found)), listed


def _where(app: "App", where: Sequence[str]) -> "list[Deal]":
    """The open deals of which conditions hold."""
    from scheduler.core.policy.choosing import chosen, read_conditions
    from scheduler.services.deals.listing import DealFilter, closed_stages

    conditions = read_conditions(where)
    lines, _ = app.listings.deals(
        DealFilter(limit=10_000_000), closed_stages(app.policy), app.clock.now().date()
    )
    with app.editing(keep=False) as transaction:
        return chosen(transaction.deals([line.deal for line in lines]), conditions)


def _listed(file: Path) -> list[str]:
    """The contract numbers of a file: the first cell of each line, below a heading or not. Raises
    UserMustActError."""
    try:
        written = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UserMustActError("{file} is not UTF-8; save it as UTF-8", file=file) from None
    except OSError as error:
        raise UserMustActError(
            "cannot read {file} ({strerror})", file=file, strerror=error.strerror
        ) from None
    cells = [row[0].strip() for row in csv.reader(written.splitlines()) if row and row[0].strip()]
    return cells[1:] if cells and cells[0].lower() in _HEADS else cells


def _show(seen: "Sequence[BatchItem]", said: "Callable[[Deal], Answer]", app: "App") -> None:
    """Shows one line for each contract: what it would become, or why not."""
    from scheduler.core.answers.answer import details_of

    columns = (
        text("Contract"),
        Column(text("Customer"), least=12),
        Column(text("Amount"), right=True),
        Column(text("Result"), wraps=True),
    )
    table(columns, [_row(each, app) for each in seen])
    able = [e.deal for e in seen if e.refused is None and e.deal is not None]
    if able:
        answer = said(able[0])
        what, money = (
            said_word(answer.verb.value, details_of(answer), app.policy, able[0]),
            amounts_word(*sums(d.contract.amount for d in able)),
        )
        say(
            "{what}: {count} contract ({money})",
            many="{what}: {count} contracts ({money})",
            count=len(able),
            what=what,
            money=money,
        )


def _row(each: "BatchItem", app: "App") -> tuple[str, str, str, str]:
    """The row of one contract."""
    if each.deal is None:
        return each.wanted, "", "", label(each.refused) if each.refused else ""
    contract, pipeline = each.deal.contract, app.policy.pipelines.get(each.deal.pipeline)
    moves = [stage_word(m.to_stage, pipeline) for m in each.answered.moves] if each.answered else []
    becomes = (
        label(each.refused)
        if each.refused
        else " → ".join([stage_word(each.deal.stage, pipeline), *moves])
    )
    return contract.number, contract.customer.name, amount_word(contract.amount), becomes


def _values(seen: "Sequence[BatchItem]", batch: str | None) -> dict[str, object]:
    """For machines."""
    return {
        "batch": batch,
        "done": batch is not None,
        "contracts": [
            {
                "contract": e.deal.contract.number if e.deal else e.wanted,
                "deal": e.deal.id if e.deal else None,
                "answer": e.number,
                "stage": e.answered.deal.stage if e.answered else None,
                "refused": e.refused,
            }
            for e in seen
        ],
    }


def undo_many(here: CommandContext, batch: str | None, by: str | None) -> None:
    """Takes back what was recorded together."""
    from scheduler.services.answers.answering_many import undo_batch

    if batch is None:
        raise UserMustActError(
            "to take back a batch give its number: renewals answer undo --batch ID"
        )
    with here.open(edits=True, makes=False) as app:
        _, name = who(app, by, here.env)
        undone, left = undo_batch(app.answering, batch, name, app.clock.now())
    if here.json:
        as_json(
            {"batch": batch, "undone": [act.deal.contract.number for act in undone], "left": left}
        )
        return
    say("taken back for {undone} contracts", undone=len(undone))
    if left:
        names = ", ".join(left)
        tell("not taken back, because something happened afterwards: {names}", names=names)
