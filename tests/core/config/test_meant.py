"""What is suggested would be accepted where it is suggested."""

import re

import pytest

from scheduler.core.config.did_you_mean import (
    CURRENCY,
    ID,
    NO_CURRENCIES,
    ROLES,
    address_meant,
    closure_wrong,
    currency_meant,
    id_meant,
    told_meant,
    zone_meant,
)
from scheduler.core.messages.channels import ADDRESS
from tests.core.config.test_reading import MINIMAL, problems


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cs@example.com", "email:cs@example.com"),
        (" cs@example.com ", "email:cs@example.com"),
        ("E-mail: cs@example.com", "email:cs@example.com"),
        ("ｃｓ＠example.com", "email:cs@example.com"),
        ("slack:cs@example.com", "email:cs@example.com"),
        ("slack: renewals", "slack:renewals"),
        ("Slack:#renewals", "slack:#renewals"),
        ("#renewals", "slack:#renewals"),
        ("@ann", "slack:@ann"),
        ("Ann Ito <ann@example.com>", None),
        ("https://example.com", None),
        ("slack:", None),
        ("", None),
        ("email:", None),
    ],
)
def test_addresses(written: str, meant: str | None) -> None:
    assert address_meant(written) == meant
    assert meant is None or re.fullmatch(ADDRESS, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Owner", "owner"),
        ("担当者", "owner"),
        ("boss", "manager"),
        ("営業", "sales"),
        ("ann@example.com", "email:ann@example.com"),
        ("", None),
    ],
)
def test_people(written: str, meant: str | None) -> None:
    assert told_meant(written) == meant
    assert meant is None or meant in ROLES or re.fullmatch(ADDRESS, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Renewal 3m", "renewal_3m"), ("３か月", None), ("3m", None), ("T−3m!", "t_3m"), ("__", None)],
)
def test_ids(written: str, meant: str | None) -> None:
    assert id_meant(written) == meant
    assert meant is None or re.fullmatch(ID, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("jpy", "JPY"),
        ("YEN", "JPY"),
        ("￥", "JPY"),
        ("JPN", "JPY"),
        ("US$", "USD"),
        ("ユーロ", "EUR"),
        ("Pound", "GBP"),
        ("rmb", "CNY"),
        ("NT$", "TWD"),
        ("?", None),
    ],
)
def test_currencies(written: str, meant: str | None) -> None:
    assert currency_meant(written) == meant
    assert meant is None or (re.fullmatch(CURRENCY, meant) and meant not in NO_CURRENCIES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("東京", "Asia/Tokyo"),
        ("UTC+9", "Asia/Tokyo"),
        ("asia/osaka", "Asia/Tokyo"),
        ("New York", "America/New_York"),
        ("PST", "America/Los_Angeles"),
        ("Europe/Lodnon", "Europe/London"),
        ("Singapor", "Asia/Singapore"),
        ("utc", "UTC"),
        ("ＧＭＴ", "GMT"),
        ("Asia", None),
        ("Pacific", "America/Los_Angeles"),
        ("UTC-5", None),
        ("GMT+1", None),
        ("Mars", None),
        ("", None),
    ],
)
def test_zones(written: str, meant: str | None) -> None:
    assert zone_meant(written) == meant
    assert meant is None or problems(f'zone = "{meant}"\n{MINIMAL}') == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-08-14〜2026-08-12", "earlier day first"),
        ("08-12..2026-08-14", "on one side only"),
        ("8/12", "write e.g."),
        ("a..b", "write e.g."),
        ("01-01..02-01..03-01", "write e.g."),
    ],
)
def test_closures(written: str, said: str) -> None:
    assert said in closure_wrong(written).en
