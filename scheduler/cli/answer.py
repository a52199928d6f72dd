"""`renewals answer CONTRACT VERB`: what people say about a renewal, from the command line; the same answers that Slack and mail will give."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from getpass import getuser
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from scheduler.cli.context import Here
from scheduler.cli.listing import day_of
from scheduler.cli.say import as_json, label, language, say, text
from scheduler.cli.show import not_found
from scheduler.core.errors import UserMustActError
from scheduler.core.formats import long_day, money
from scheduler.core.words import Call, Health, Paperwork, Verb

if TYPE_CHECKING:
    from scheduler.core.answers import Answer
    from scheduler.core.dates import Term
    from scheduler.core.deal import Deal
    from scheduler.core.people import Person
    from scheduler.services.answering import Recorded
    from scheduler.wiring import App

VERBS = {
    Verb.SEEN: "確認済み", Verb.SNOOZE: "あとで再通知", Verb.CALL: "更新見込み", Verb.NOTICE: "解約通知", Verb.NOTICE_WITHDRAWN: "解約撤回",
    Verb.PAPERWORK: "手続き", Verb.HEALTH: "ヘルス", Verb.ONBOARDED: "導入完了", Verb.WON: "更新確定", Verb.LOST: "解約", Verb.UNDO: "取り消し",
}  # fmt: skip
_WORDS = {
    "更新予定": "renew", "解約懸念": "at_risk", "未定": "unsure", "安定稼働": "stable", "要注意": "at_risk", "解約危機": "critical",
    "未評価": "unknown", "見積提出済": "quoted", "先方稟議中": "in_approval", "発注書受領": "ordered", "なし": "none",
}  # fmt: skip
W = TypeVar("W", bound=StrEnum)
T = TypeVar("T")


def answer(
    here: Here,
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help=text("契約番号、または #取引番号", "contract number, or #deal"))],
    verb: Annotated[
        str,
        typer.Argument(
            metavar="VERB",
            help=text(
                "、".join(f"{ja}({v.value})" for v, ja in VERBS.items()),
                "seen, snooze, call, notice, notice-withdrawn, paperwork, health, onboarded, won, lost, undo",
            ),
        ),
    ],
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help=text("call・paperwork・healthの値", "for call, paperwork and health: which"))
    ] = None,
    *,
    until: Annotated[str | None, typer.Option(metavar="DATE", help=text("snooze：再通知の日", "snooze: the day to ask again"))] = None,
    expected: Annotated[
        str | None, typer.Option(metavar="DATE", help=text("call・paperwork：回答・発注の予定日", "call, paperwork: the day it is expected"))
    ] = None,
    health: Annotated[str | None, typer.Option(help=text("onboarded：導入後のヘルス", "onboarded: how the customer does"))] = None,
    amount: Annotated[str | None, typer.Option(help=text("won：更新後の金額", "won: the renewed amount"))] = None,
    term: Annotated[str | None, typer.Option(help=text("won：更新後の期間(例：12 months)", "won: the renewed term, e.g. 12 months"))] = None,
    ends: Annotated[str | None, typer.Option(metavar="DATE", help=text("won：更新後の満了日", "won: the renewed end"))] = None,
    reason: Annotated[str | None, typer.Option(help=text("lost・notice：主な理由", "lost, notice: the main reason"))] = None,
    second: Annotated[str | None, typer.Option(help=text("lost・notice：もう1つの理由", "lost, notice: a second reason"))] = None,
    avoidable: Annotated[
        bool | None, typer.Option("--avoidable/--unavoidable", help=text("lost・notice：防げたか", "lost, notice: could it have been avoided"))
    ] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help=text("notice：受領日", "notice: the day it was received"))] = None,
    note: Annotated[str, typer.Option(help=text("メモ", "a note"))] = "",
    by: Annotated[
        str | None,
        typer.Option(
            metavar="EMAIL", help=text("回答者(既定はRENEWALS_USER、なければOSの利用者名)", "who answers (default: RENEWALS_USER, else the OS user)")
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help=text("won：確認せずに契約と同じ内容で更新", "won: do not ask, renew on the same terms"))
    ] = False,
) -> None:
    """Records an answer, or takes the last one back."""
    from scheduler.core.answers import Answer
    from scheduler.core.deal import Lost

    said_verb = _verb(verb)
    with here.open(edits=True) as app:
        person, name = _who(app, by or here.env.get("RENEWALS_USER"))
        lives = app.listings.lives(contract)
        if not lives:
            raise not_found(app, contract)
        if said_verb is Verb.UNDO:
            _undo(here, app, contract, name)
            return
        said = Answer(
            said_verb,
            name,
            person,
            until=day_of(until),
            call=_word(Call, value) if said_verb is Verb.CALL else None,
            paperwork=_word(Paperwork, value) if said_verb is Verb.PAPERWORK else None,
            health=_word(Health, value or health) if said_verb in (Verb.HEALTH, Verb.ONBOARDED) else None,
            expected_on=day_of(expected),
            amount=_amount(amount),
            term=_term(term),
            ends_on=day_of(ends),
            lost=Lost(reason, second, avoidable, note) if reason else None,
            on=day_of(on),
            note=note,
        )
        if said_verb is Verb.WON and not yes and not (said.amount is not None and (said.term or said.ends_on)):
            said = _asked(said, lives[0].deal)
        _record(here, app, contract, said)


def _verb(written: str) -> Verb:
    """The verb, in English or Japanese."""
    plain = written.replace("-", "_").lower()
    found = next((v for v, ja in VERBS.items() if written == ja or plain == v.value), None)
    if found is None:
        from scheduler.core.problems import near

        close = near(written, [*(v.value for v in VERBS), *VERBS.values()])
        listed_ja, listed = "、".join(VERBS.values()), ", ".join(v.value for v in VERBS)
        raise UserMustActError(
            f"「{written}」という回答はありません。" + (f"「{close}」のことですか。" if close else f"使えるもの：{listed_ja}"),
            f'there is no answer "{written}"; ' + (f'did you mean "{close}"?' if close else f"there are: {listed}"),
        )
    return found


def _word(kind: type[W], written: str | None) -> W | None:
    """One of the words a verb takes; None where none was given (the answer then says which there are)."""
    if written is None:
        return None
    try:
        return kind(_WORDS.get(written, written))
    except ValueError:
        listed = ", ".join(kind)
        raise UserMustActError(f"「{written}」は使えません。次のいずれか：{listed}", f'"{written}" is not known; write one of: {listed}') from None


def _amount(written: str | None) -> Decimal | None:
    """An amount in whole units: `3600000`, `3,600,000`, `¥3,600,000`."""
    if written is None:
        return None
    try:
        return Decimal(written.strip().lstrip("¥￥$£€").replace(",", "").removesuffix("円"))
    except InvalidOperation:
        raise UserMustActError(f"「{written}」は金額ではありません。例：3600000", f'"{written}" is not an amount; write e.g. 3600000') from None


def _term(written: str | None) -> "Term | None":
    """A term: `12 months`, `1年`."""
    from scheduler.core.dates import Term

    try:
        return Term.parse(written) if written else None
    except ValueError as error:
        raise UserMustActError(f"「{written}」は期間ではありません。例：12 months、1年", str(error)) from error


def _who(app: "App", by: str | None) -> "tuple[Person | None, str]":
    """(the person, the name to record)."""
    wanted = by or getuser()
    person = app.listings.person(wanted)
    if by and person is None:
        raise UserMustActError(
            f"「{by}」という担当者はいません。一覧：renewals people", f"there is nobody called {by}; `renewals people` lists everybody"
        )
    return person, person.name if person else wanted


def _asked(said: "Answer", deal: "Deal") -> "Answer":
    """Asks on a terminal for what was agreed, prefilled with the contract's; elsewhere says which options give it."""
    contract = deal.contract
    if not sys.stdin.isatty():
        raise UserMustActError(
            "更新後の金額と期間を指定してください：--amount 3600000 --term 12か月、契約と同じなら --yes",
            "say what was agreed: --amount 3600000 --term '12 months'; for the same terms as before: --yes",
        )
    amount = said.amount if said.amount is not None else _prompt(text("更新後の金額", "Renewed amount"), str(contract.amount.major), _amount)
    term = said.term or _prompt(text("更新後の期間", "Renewed term"), str(contract.term or "12 months"), _term)
    ends_on = said.ends_on or _prompt(text("更新後の満了日(空欄は期間から)", "Renewed end (empty: by the term)"), "", lambda t: day_of(t or None))
    return replace(said, amount=amount, term=term, ends_on=ends_on)


def _prompt(question: str, default: str, read: Callable[[str], T]) -> T:
    """One question with its default."""
    return read(typer.prompt(question, default=default))


def _record(here: Here, app: "App", contract: str, said: "Answer") -> None:
    """Writes the answer and says what it did."""
    from scheduler.services.answering import answer as record

    recorded = record(app.answering, contract, said, app.policy, app.clock.now())
    if here.json:
        as_json({"answer": recorded.number, "deal": recorded.before.id, "stage": recorded.answered.deal.stage, "verb": said.verb})
        return
    _told(recorded, app, said)


def _told(recorded: "Recorded", app: "App", said: "Answer") -> None:
    """What the answer did, what comes next, how to take it back."""
    deal, contract = recorded.answered.deal, recorded.before.contract
    who = f"{contract.customer.name} {contract.number}"
    verb = VERBS[said.verb] if text("ja", "en") == "ja" else said.verb.value
    say(f"記録しました：{who}「{verb}」({said.name})", f"Recorded: {who}, {verb}, by {said.name}.")
    for move in recorded.answered.moves:
        pipeline = app.policy.pipeline(deal.pipeline)
        stage = label(pipeline.stage(move.to_stage).label)
        say(f"ステージ：{stage}", f"Stage: {stage}.")
    following = recorded.answered.successor
    if following is not None:
        end = long_day(following.ends_on, language()) if following.ends_on else "—"
        say(
            f"次期の契約を作りました：{long_day(following.starts_on, language())}〜{end}・{money(following.amount)}",
            f"The next term is open: {long_day(following.starts_on, language())} to {end}, {money(following.amount)}.",
        )
    else:
        _next(app, contract.number)
    say(f"取り消すには：renewals answer {contract.number} undo", f"To take it back: renewals answer {contract.number} undo")


def _next(app: "App", contract: str) -> None:
    """The next thing that comes."""
    from scheduler.services.listing import upcoming

    ahead = [u for life in app.listings.lives(contract)[:1] for u in upcoming([life.deal], app.policy, app.clock.now(), 800)]
    if ahead:
        day: date = ahead[0].on
        say(f"次の予定：{long_day(day, language())} {label(ahead[0].what)}", f"Next: {label(ahead[0].what)} on {long_day(day, language())}.")


def _undo(here: Here, app: "App", contract: str, name: str) -> None:
    """Takes the last answer back."""
    from scheduler.services.answering import undo

    act = undo(app.answering, contract, name, app.clock.now())
    if here.json:
        as_json({"undone": act.what, "deal": act.deal.id, "said_by": act.name, "said_at": act.at})
        return
    what = next((ja for v, ja in VERBS.items() if v.value == act.what), "自動更新")
    say(f"取り消しました：{act.deal.contract.number}「{what}」({act.name})", f"Taken back: {act.what} on {act.deal.contract.number}, by {act.name}.")
