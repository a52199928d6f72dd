"""Stages of HubSpot accounts that are known by name: those of the pipeline that mixed everything
(DESIGN §2), and HubSpot's own defaults. A file's rows and the sync place a stage by the same table.

The old stage                          here
    予定されているアポイントメント      new_business/qualified
    Dヨミ(担当者前向)                   new_business/qualified the contact is in favour: worth
                                        pursuing
    Cヨミ(決済者接続)                   new_business/problem_agreed who decides has taken it up, so
                                        the problem is acknowledged
    Bヨミ(決済者前向)                   new_business/value_agreed who decides is in favour: the
                                        value is agreed
    Aヨミ(条件調整中)                   new_business/terms_agreed     the terms are being settled
    成約                                existing: the contract it made, whose renewal is followed
                                        from now on
    更新案件                            existing
    定期追い                            existing if the customer has a contract, else
                                        new_business/qualified
    X ヨミ後失注                        new_business/lost, with the passages up to the stage that
                                        stands for X (reconstructed)
    訪問前失注(キャンセルリスケ不成立)  new_business/lost, without any
    クローズした不成立取引              new_business/lost, progress unknown
The four readings keep their four places, so that nothing of "how far did it come" is lost.
HubSpot's own default stages are known too.

Always holds: names are compared as `plain` gives them; a stage that is not listed is unknown.
"""

from collections.abc import Mapping

from scheduler.core.imports.names import plain
from scheduler.core.imports.placement import EXISTING, NEW_BUSINESS, UNKNOWN_PROGRESS, Placement

QUALIFIED, PROBLEM, VALUE, TERMS, LOST = (
    "qualified",
    "problem_agreed",
    "value_agreed",
    "terms_agreed",
    "lost",
)

OLD_PIPELINE: Mapping[str, Placement] = {
    "定期追い": Placement(EXISTING, otherwise=Placement(NEW_BUSINESS, QUALIFIED)),
    "更新案件": Placement(EXISTING, due=True),
    "予定されているアポイントメント": Placement(NEW_BUSINESS, QUALIFIED),
    "Dヨミ(担当者前向)": Placement(NEW_BUSINESS, QUALIFIED),
    "Cヨミ(決済者接続)": Placement(NEW_BUSINESS, PROBLEM),
    "Bヨミ(決済者前向)": Placement(NEW_BUSINESS, VALUE),
    "Aヨミ(条件調整中)": Placement(NEW_BUSINESS, TERMS),
    "成約": Placement(EXISTING, bought=True),
    "クローズした不成立取引": Placement(NEW_BUSINESS, LOST, UNKNOWN_PROGRESS),
    "訪問前失注(キャンセルリスケ不成立)": Placement(NEW_BUSINESS, LOST),
    "Dヨミ後失注": Placement(NEW_BUSINESS, LOST, QUALIFIED),
    "Cヨミ後失注": Placement(NEW_BUSINESS, LOST, PROBLEM),
    "Bヨミ後失注": Placement(NEW_BUSINESS, LOST, VALUE),
    "Aヨミ後失注": Placement(NEW_BUSINESS, LOST, TERMS),
}
"""The 14 stages of the old pipeline."""

SHORT: Mapping[str, str] = {
    "Dヨミ": "Dヨミ(担当者前向)",
    "Cヨミ": "Cヨミ(決済者接続)",
    "Bヨミ": "Bヨミ(決済者前向)",
    "Aヨミ": "Aヨミ(条件調整中)",
    "訪問前失注": "訪問前失注(キャンセルリスケ不成立)",
}

DEFAULTS: Mapping[str, Placement] = {
    "Appointment scheduled": Placement(NEW_BUSINESS, QUALIFIED),
    "Qualified to buy": Placement(NEW_BUSINESS, QUALIFIED),
    "Presentation scheduled": Placement(NEW_BUSINESS, PROBLEM),
    "Decision maker bought-in": Placement(NEW_BUSINESS, VALUE),
    "Contract sent": Placement(NEW_BUSINESS, TERMS),
    "Closed won": Placement(EXISTING, bought=True),
    "Closed lost": Placement(NEW_BUSINESS, LOST, UNKNOWN_PROGRESS),
    "購入資格あり": Placement(NEW_BUSINESS, QUALIFIED),
    "プレゼンテーション予定済み": Placement(NEW_BUSINESS, PROBLEM),
    "意思決定者の賛同": Placement(NEW_BUSINESS, VALUE),
    "契約書送付済み": Placement(NEW_BUSINESS, TERMS),
}
"""The stages HubSpot itself comes with, in English and Japanese."""


def known_stages() -> dict[str, Placement]:
    """Every stage by its normalised name (`plain`), the old pipeline's also by what stands before
    the brackets."""
    found = {plain(name): place for name, place in (*DEFAULTS.items(), *OLD_PIPELINE.items())}
    return found | {plain(short): OLD_PIPELINE[name] for short, name in SHORT.items()}
