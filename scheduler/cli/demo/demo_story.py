"""The demo's story: some sixty invented contracts and deals in Japanese and English, six
colleagues, and what they did over the last twelve months.

Always holds: everything is computed from `today` and fixed tables, so the same day tells the same
story; no name here is a real company's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.time.dates import Term, add_months, term_end

PEOPLE = """name,email,role,manager,zone,calendar,language,hours,team
鈴木 恵子,keiko.suzuki@example.jp,manager,,Asia/Tokyo,jp,ja,09:00-18:00,CS東京
田中 千佳,chika.tanaka@example.jp,rep,keiko.suzuki@example.jp,Asia/Tokyo,jp,ja,09:00-18:00,CS東京
佐藤 健,ken.sato@example.jp,rep,keiko.suzuki@example.jp,Asia/Tokyo,jp,ja,10:00-19:00,CS東京
Bob Hill,bob.hill@example.com,manager,,Europe/London,gb,en,09:00-17:30,CS London
Ann Ito,ann.ito@example.com,rep,bob.hill@example.com,Europe/London,gb,en,09:00-17:30,CS London
高橋 誠,makoto.takahashi@example.jp,sales,,Asia/Tokyo,jp,ja,09:00-18:00,営業
"""

JAPANESE = (
    "青葉商事 北斗電機 みなと物流 瑞穂フーズ 東雲出版 白川建設 海風トラベル 若草保育会 大和田化学 "
    "光星精機 緑水環境 朝日丘病院 "
    "銀河ソフト 富岳運輸 千歳酒造 花菱デパート 南風ホテルズ 一の瀬鉄工 月島印刷 高峰証券 春日電子 "
    "蒼海水産 雪国観光 双葉薬局"
).split()
ENGLISH = (
    "Harrow & Finch|Bluebell Foods|Castellan Insurance|Driftwood Hotels|Eastgate "
    "Logistics|Fernhill School|Granite Peak Mining|Holloway Press|"
    "Ironbridge Rail|Juniper Health|Kestrel Airways|Larkspur Cosmetics|Meridian "
    "Robotics|Nettlecombe Farms|Oakmoor Energy|Pinecrest Media|"
    "Quillon Legal|Redwater Brewing|Silverlake Games|Thornbury Bank|Underhill Textiles|Vantage "
    "Optics|Whitby Shipping|Yarrow Biotech"
).split("|")
PLANS = (
    ("Lite 10席", "Lite 10 seats", 600_000),
    ("Pro 50席", "Pro 50 seats", 3_600_000),
    ("Enterprise 200席", "Enterprise 200 seats", 14_400_000),
)
COLUMNS = (
    "contract",
    "customer",
    "product",
    "starts_on",
    "ends_on",
    "term",
    "notice",
    "auto_renew",
    "amount",
    "currency",
    "owner",
    "sales",
    "health",
    "segment",
    "country",
    "url",
)
NEW = 4
"""The last so many customers of each language sign during the year; the others were there
before."""
_YEN_PER_POUND = 150
_TOKYO, _LONDON = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class DemoAnswer:
    """Something a colleague answers at an instant: a verb of `renewals answer` with its options by
    name."""

    at: datetime
    contract: str
    verb: str
    by: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DemoContract:
    """One contract: the columns of the contracts CSV, the day it was signed, and what is done about
    it."""

    columns: dict[str, str]
    starts_on: date
    deeds: tuple[DemoAnswer, ...]


def demo_contracts(today: date) -> list[DemoContract]:
    """The contracts in force a year before `today`, and those signed since."""
    japanese = [_contract(today, n, name, japanese=True) for n, name in enumerate(JAPANESE)]
    english = [_contract(today, n, name, japanese=False) for n, name in enumerate(ENGLISH)]
    return [c for pair in zip(japanese, english, strict=True) for c in pair]


def _contract(today: date, n: int, name: str, *, japanese: bool) -> DemoContract:
    """The n-th contract of its language; its end lies in the year that the demo lives through,
    unless it is signed in it."""
    number = f"{'J' if japanese else 'E'}-{1001 + n}"
    term, ends_on = _term(today, n, japanese=japanese)
    starts_on = add_months(ends_on + timedelta(days=1), -term.months)
    notice = (None, "1 month", "3 months", "2 months", None)[(n + japanese) % 5]
    automatic = notice is not None and n % 2 == 0
    owner = (
        ("chika.tanaka@example.jp", "ken.sato@example.jp")[n % 2]
        if japanese
        else "ann.ito@example.com"
    )
    plan_ja, plan_en, price = PLANS[(n * 2 + japanese) % 3]
    price = price * (10 + n % 4) * term.months // 120
    columns = {
        "contract": number,
        "customer": name,
        "product": plan_ja if japanese else plan_en,
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "term": str(term),
        "notice": notice or "",
        "auto_renew": "yes" if automatic else "no",
        "amount": str(price if japanese else price // _YEN_PER_POUND),
        "currency": "JPY" if japanese else "GBP",
        "owner": "" if number == "J-1014" else owner,
        "sales": "makoto.takahashi@example.jp" if japanese else "",
        "health": ("stable", "stable", "at_risk", "stable", "", "stable", "critical")[n % 7],
        "segment": ("smb", "mid", "enterprise")[(n * 2 + japanese) % 3],
        "country": "JP" if japanese else "GB",
        "url": f"https://crm.example.com/deals/{number.lower()}",
    }
    return DemoContract(
        columns,
        starts_on,
        tuple(_deeds(n, number, owner, term, add_months(today, -12), ends_on, automatic=automatic)),
    )


def _term(today: date, n: int, *, japanese: bool) -> tuple[Term, date]:
    """The n-th contract's term and its end: spread over the year, a third of them on the last day
    of a month, as in life."""
    begin = add_months(today, -12)
    old = len(JAPANESE) - NEW
    if n >= old:
        starts_on = begin + timedelta(days=(60, 150, 240, 322)[n - old] + (12 if japanese else 0))
        return Term(12), term_end(starts_on, Term(12))
    day = begin + timedelta(days=12 + n * 18 + (7 if japanese else 0))
    ends_on = day if n % 3 else add_months(day.replace(day=1), 1) - timedelta(days=1)
    return Term((12, 12, 12, 24, 12, 12, 6, 12)[n % 8]), ends_on


FATES = (
    "renewed",
    "renewed",
    "saved",
    "renewed",
    "lost",
    "renewed",
    "late",
    "renewed",
    "early_loss",
    "renewed",
    "renewed",
    "renewed",
    "snoozed",
)
"""What becomes of a term, in turn; one that renews automatically takes care of itself unless notice
is given."""
GIVES_NOTICE = ("E-1009", "J-1011")
"""Contracts that would renew automatically and whose customers give notice in time."""
FORGOTTEN = "E-1018"
"""The contract whose end passed some weeks ago without a word: still being asked about."""
_TIME_TO_LOSE = timedelta(days=150)


def _deeds(
    n: int, number: str, owner: str, term: Term, begin: date, ends_on: date, *, automatic: bool
) -> Iterator[DemoAnswer]:
    """What colleagues do about a contract: onboard it and, towards the end of each of its terms,
    ask, order, win or lose."""
    on = _Diary(number, owner, n)
    starts_on = add_months(ends_on + timedelta(days=1), -term.months)
    yield on.day(
        starts_on + timedelta(days=48 + n if n % 6 == 0 else 31 + n % 4),
        "onboarded",
        health=("stable", "at_risk")[n % 2],
    )
    if n >= len(JAPANESE) - NEW:
        return
    if number == FORGOTTEN:
        return
    for nth in range(3):
        end = add_months(ends_on + timedelta(days=1), nth * term.months) - timedelta(days=1)
        fate = FATES[(n * 5 + nth * 3 + on.japanese) % len(FATES)]
        if end < begin + _TIME_TO_LOSE and fate in ("lost", "early_loss"):
            fate = "renewed"
        if automatic:
            fate = "notice" if number in GIVES_NOTICE and not nth else "automatic"
        yield from _fate(fate, on, end)


def _fate(fate: str, on: "_Diary", end: date) -> Iterator[DemoAnswer]:
    """What is done towards the end of one term."""
    worry = ("ログイン−62%、推進担当の異動", "logins −62%, champion left")[not on.japanese]
    if fate in ("saved", "lost", "early_loss"):
        yield on.before(
            end, 140, "health", health="critical" if fate == "early_loss" else "at_risk", note=worry
        )
    if fate == "early_loss":
        yield on.before(
            end,
            118,
            "lost",
            reason="in_house",
            note=("グループ会社のシステムに統合", "moved to the group's own system")[
                not on.japanese
            ],
        )
    elif fate == "lost":
        yield on.before(
            end,
            87,
            "call",
            call="at_risk",
            expected=on.expected(end, 36),
            note=("予算の見直し中", "their budget is under review")[not on.japanese],
        )
        reason = ("budget", "competitor", "low_usage")[on.n % 3]
        yield on.before(
            end,
            22,
            "lost",
            reason=reason,
            note=("来期予算が確保できず", "no budget for the coming year")[not on.japanese],
        )
    elif fate == "notice":
        yield on.before(end, 96, "notice", reason="competitor")
    elif fate == "late":
        yield on.before(end, 81, "call", call="unsure", expected=on.expected(end, 20))
        yield on.before(end, -18, "won")
    elif fate == "automatic":
        for days in (119, 89, 57):
            yield on.before(end, days, "call", call="renew", expected=on.expected(end, -1))
    else:
        yield from _towards_renewal(fate, on, end)


def _towards_renewal(fate: str, on: "_Diary", end: date) -> Iterator[DemoAnswer]:
    """The usual way: a forecast, the customer's paperwork, the renewal."""
    if fate == "snoozed":
        yield on.before(end, 88, "snooze", until=(end - timedelta(days=70)).isoformat())
    if fate == "saved":
        yield on.before(end, 86, "call", call="at_risk", expected=on.expected(end, 58))
        yield on.before(
            end,
            60,
            "health",
            health="stable",
            note=("活用研修を実施、ログイン回復", "training held, logins are back")[
                not on.japanese
            ],
        )
    yield on.before(
        end,
        66 if fate == "snoozed" else 52 if fate == "saved" else 88,
        "call",
        call="renew",
        expected=on.expected(end, 43),
    )
    yield on.before(end, 45, "paperwork", paperwork="quoted", expected=on.expected(end, 27))
    yield on.before(end, 29, "paperwork", paperwork="in_approval", expected=on.expected(end, 9))
    yield on.before(end, 11, "paperwork", paperwork="ordered")
    yield on.before(end, 8, "won")


@dataclass(frozen=True, slots=True)
class _Diary:
    """The owner's deeds on one contract, each on a working day at an hour of their own."""

    number: str
    owner: str
    n: int

    @property
    def japanese(self) -> bool:
        """Whether the customer is Japanese."""
        return not self.number.startswith("E")

    def before(self, end: date, days: int, verb: str, **options: str) -> DemoAnswer:
        """A deed some days before the end (negative: after it)."""
        return self.day(end - timedelta(days=days), verb, **options)

    @staticmethod
    def expected(end: date, days: int) -> str:
        """The day, some days before the end, on which an answer is expected."""
        return (end - timedelta(days=days)).isoformat()

    def day(self, day: date, verb: str, **options: str) -> DemoAnswer:
        """A deed on a day, on the Monday after where that is a weekend."""
        working = day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        at = datetime.combine(
            working, time(10 + self.n % 6, self.n * 7 % 60), _TOKYO if self.japanese else _LONDON
        )
        return DemoAnswer(at, self.number, verb, self.owner, tuple(options.items()))


HUBSPOT_HEADER = (
    "レコードID",
    "取引名",
    "取引ステージ",
    "パイプライン",
    "金額",
    "クローズ日",
    "取引担当者",
    "関連する会社",
)
_OLD_PIPELINE = "セールスパイプライン"
_PROSPECTS: Sequence[tuple[str, str | None, str | None, int]] = (
    ("立花法律事務所", "Cヨミ後失注", None, -300),
    ("空知農園", "Aヨミ後失注", None, -280),
    ("神楽坂書房", "訪問前失注(キャンセルリスケ不成立)", None, -260),
    ("桜井不動産", "クローズした不成立取引", None, -240),
    ("三峰製作所", "Bヨミ後失注", None, -200),
    ("秋津システム", "Dヨミ後失注", None, -150),
    ("小春日和書店", "Cヨミ後失注", None, -120),
    ("八雲建材", "Dヨミ(担当者前向)", "Cヨミ(決済者接続)", 40),
    ("常磐ロジスティクス", "Cヨミ(決済者接続)", "Bヨミ(決済者前向)", 60),
    ("若松工務店", "Bヨミ(決済者前向)", "Aヨミ(条件調整中)", 30),
    ("明石海運", "Aヨミ(条件調整中)", "Aヨミ後失注", 20),
    ("橘メディカル", "予定されているアポイントメント", "予定されているアポイントメント", 90),
    ("水城ガス", "定期追い", "定期追い", 120),
    ("雲雀丘学園", "成約", "成約", -20),
    ("若竹製菓", None, "成約", 150),
)
"""Customer, stage in the old mixed pipeline a year ago (None: not there yet), stage half a year
later (None: closed, left as it was), close date in days counted from a year ago."""


DEALS = len(_PROSPECTS)
"""How many deals the exports hold."""
_FIRST_RECORD = 70_001
_BOUGHT = 13
"""The prospect whose contract is renewed during the year."""


def hubspot_deeds(today: date) -> list[DemoAnswer]:
    """What sales does about the contract that came in as 成約: its end is an estimate, and it is
    renewed in time."""
    end = add_months(
        add_months(today, -12) + timedelta(days=_PROSPECTS[_BOUGHT][3]), 12
    ) - timedelta(days=1)
    on = _Diary(str(_FIRST_RECORD + _BOUGHT * 37), "makoto.takahashi@example.jp", 3)
    return [on.before(end, 60, "call", call="renew"), on.before(end, 9, "won")]


def hubspot_rows(today: date, *, later: bool) -> list[dict[str, str]]:
    """The rows of an export of the old pipeline: a year ago, or half a year `later`."""
    begin = add_months(today, -12)
    rows = []
    for n, (customer, first, second, close) in enumerate(_PROSPECTS):
        stage = second or first if later else first
        if stage is None:
            continue
        closes_on = begin + timedelta(
            days=close + (120 if later and close > 0 and stage != "成約" else 0)
        )
        values = (
            str(_FIRST_RECORD + n * 37),
            f"{customer} 新規導入",
            stage,
            _OLD_PIPELINE,
            f"¥{1_200_000 + n * 150_000:,}",
            closes_on.isoformat(),
            "高橋 誠",
            customer,
        )
        rows.append(dict(zip(HUBSPOT_HEADER, values, strict=True)))
    return rows
