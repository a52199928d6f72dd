"""The demo's story: about sixty invented contracts in Japanese and English, five colleagues, and what they did over the last twelve months.

Always holds: everything is computed from `today` and fixed tables, so the same day tells the same story; no name here is a real company's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.core.dates import MonthEnd, Term, add_months, term_end

PEOPLE = """name,email,role,manager,zone,calendar,language,hours,team
鈴木 恵子,keiko.suzuki@example.jp,manager,,Asia/Tokyo,jp,ja,09:00-18:00,CS東京
田中 千佳,chika.tanaka@example.jp,rep,keiko.suzuki@example.jp,Asia/Tokyo,jp,ja,09:00-18:00,CS東京
佐藤 健,ken.sato@example.jp,rep,keiko.suzuki@example.jp,Asia/Tokyo,jp,ja,10:00-19:00,CS東京
Bob Hill,bob.hill@example.com,manager,,Europe/London,gb,en,09:00-17:30,CS London
Ann Ito,ann.ito@example.com,rep,bob.hill@example.com,Europe/London,gb,en,09:00-17:30,CS London
高橋 誠,makoto.takahashi@example.jp,sales,,Asia/Tokyo,jp,ja,09:00-18:00,営業
"""

JAPANESE = [
    "青葉商事",
    "北斗電機",
    "みなと物流",
    "瑞穂フーズ",
    "東雲出版",
    "白川建設",
    "海風トラベル",
    "若草保育会",
    "大和田化学",
    "光星精機",
    "緑水環境",
    "朝日丘病院",
    "銀河ソフト",
    "富岳運輸",
    "千歳酒造",
    "花菱デパート",
    "南風ホテルズ",
    "一の瀬鉄工",
    "月島印刷",
    "高峰証券",
    "春日電子",
    "蒼海水産",
    "雪国観光",
    "双葉薬局",
    "立花法律事務所",
    "空知農園",
    "神楽坂書房",
    "桜井不動産",
    "三峰製作所",
    "秋津システム",
]
ENGLISH = [
    "Harrow & Finch",
    "Bluebell Foods",
    "Castellan Insurance",
    "Driftwood Hotels",
    "Eastgate Logistics",
    "Fernhill School",
    "Granite Peak Mining",
    "Holloway Press",
    "Ironbridge Rail",
    "Juniper Health",
    "Kestrel Airways",
    "Larkspur Cosmetics",
    "Meridian Robotics",
    "Nettlecombe Farms",
    "Oakmoor Energy",
    "Pinecrest Media",
    "Quillon Legal",
    "Redwater Brewing",
    "Silverlake Games",
    "Thornbury Bank",
    "Underhill Textiles",
    "Vantage Optics",
    "Whitby Shipping",
    "Yarrow Biotech",
    "Zephyr Mobile",
    "Amberley Council",
    "Brackenford Museum",
    "Copperline Telecom",
    "Dovetail Interiors",
    "Elmswell Water",
]
PLANS = (("Lite 10席", "Lite 10 seats", 600_000), ("Pro 50席", "Pro 50 seats", 3_600_000), ("Enterprise 200席", "Enterprise 200 seats", 14_400_000))
COLUMNS = (
    "contract", "customer", "product", "starts_on", "ends_on", "term", "notice", "auto_renew", "amount", "currency",
    "owner", "sales", "health", "segment", "country", "url",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a colleague answers on a day: a verb of `renewals answer` with its options by name."""

    on: date
    contract: str
    verb: str
    by: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DemoContract:
    """One contract: the columns of the contracts CSV, the day it was signed, and what is done about it."""

    columns: dict[str, str]
    starts_on: date
    deeds: tuple[Deed, ...]


def demo_contracts(today: date) -> list[DemoContract]:
    """The sixty contracts as of a year before `today` and since."""
    japanese = [_contract(today, n, name, japanese=True) for n, name in enumerate(JAPANESE)]
    english = [_contract(today, n, name, japanese=False) for n, name in enumerate(ENGLISH)]
    return [c for pair in zip(japanese, english, strict=True) for c in pair]


def _contract(today: date, n: int, name: str, *, japanese: bool) -> DemoContract:
    """The n-th contract of its language: ends spread over the past eleven and the coming ten months, many at a month's end, terms mixed."""
    term = Term((12, 12, 12, 24, 12, 6)[n % 6])
    ends_on = _end(today, n, japanese=japanese)
    starts_on = add_months(ends_on + timedelta(days=1), -term.months)
    plan_ja, plan_en, price = PLANS[(n * 2 + japanese) % 3]
    notice = (None, "1 month", "3 months", "2 months", None)[(n + japanese) % 5]
    automatic = notice is not None and n % 2 == 0
    owner = ("chika.tanaka@example.jp", "ken.sato@example.jp")[n % 2] if japanese else "ann.ito@example.com"
    number = f"{'J' if japanese else 'E'}-{1001 + n}"
    amount = price * (10 + n % 4) // 10
    columns = {
        "contract": number,
        "customer": name,
        "product": plan_ja if japanese else plan_en,
        "starts_on": starts_on.isoformat(),
        "ends_on": term_end(starts_on, term, MonthEnd.CLAMP).isoformat(),
        "term": str(term),
        "notice": notice or "",
        "auto_renew": "yes" if automatic else "no",
        "amount": str(amount if japanese else amount // 150),
        "currency": "JPY" if japanese else "GBP",
        "owner": "" if n == 13 else owner,
        "sales": "makoto.takahashi@example.jp" if japanese else "",
        "health": ("stable", "stable", "at_risk", "stable", "", "stable", "critical")[n % 7],
        "segment": ("smb", "mid", "enterprise")[(n * 2 + japanese) % 3],
        "country": "JP" if japanese else "GB",
        "url": f"https://crm.example.com/deals/{number.lower()}",
    }
    return DemoContract(columns, starts_on, tuple(_deeds(n, number, owner, starts_on, date.fromisoformat(columns["ends_on"]), automatic=automatic)))


def _end(today: date, n: int, *, japanese: bool) -> date:
    """The n-th end: from eleven months ago to ten months ahead, a third of them at the month's end, as in life."""
    day = today + timedelta(days=-330 + n * 22 + (9 if japanese else 0))
    if n % 3:
        return day
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


def _deeds(n: int, number: str, owner: str, starts_on: date, ends_on: date, *, automatic: bool) -> Iterator[Deed]:
    """What colleagues do about a contract: it is onboarded, called, ordered and won; every seventh is lost, a few are late, two are forgotten."""
    japanese = number.startswith("J")

    def on(day: date, verb: str, **options: str) -> Deed:
        return Deed(day, number, verb, owner, tuple(options.items()))

    def before(days: int, verb: str, **options: str) -> Deed:
        return on(ends_on - timedelta(days=days), verb, **options)

    if n % 6 != 3:
        yield on(starts_on + timedelta(days=50), "onboarded", health=("stable", "stable", "at_risk")[n % 3])
    if n % 7 == 6:
        yield before(140, "health", health="critical", note="ログイン−62%、推進担当の異動" if japanese else "logins −62%, champion left")
    if n in (7, 13) or (automatic and n % 4 == 0):
        return
    if n % 7 == 5:
        yield before(70, "call", call="at_risk")
        yield before(25, "lost", reason=("budget", "competitor", "low_usage")[n % 3], note="予算削減" if japanese else "budget cut")
        return
    yield before(84, "call", call="renew")
    yield before(45, "paperwork", paperwork="quoted")
    yield before(20, "paperwork", paperwork="in_approval")
    yield before(9 if n % 5 else -10, "won")
