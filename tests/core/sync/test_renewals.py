"""What the deal of a next term is made with."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.core.policy.hubspot import HubSpotSettings, StageMap
from scheduler.core.sync.desired_values import KEY
from scheduler.core.sync.fields import CLOSE_DATE, DEFAULT_FIELDS
from scheduler.core.sync.records import OWNER
from scheduler.core.sync.renewals import NextDeal, renewal_values, unwritable_end
from scheduler.core.sync.values import PropertyType
from scheduler.core.sync.writes import Writable
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Language
from tests.cast import contract, deal
from tests.core.sync.sync_cast import OWNERS, TOKYO, record

YEAR = Term(12)
TEXT, DAY, INSTANT = PropertyType.STRING, PropertyType.DATE, PropertyType.DATETIME
PROPERTIES = {"dealname": TEXT, OWNER: TEXT, "amount": PropertyType.NUMBER, "until": DAY}
PROPERTIES |= {"months": TEXT, CLOSE_DATE: INSTANT, KEY: TEXT, "sector": TEXT}
WRITABLE = Writable(PROPERTIES, frozenset({KEY}))


def settings(**fields: str) -> HubSpotSettings:
    """A mapping of these fields."""
    given = dict(DEFAULT_FIELDS) | {"ends_on": "until"} | fields
    return HubSpotSettings(60, timedelta(0), Language.EN, True, StageMap(()), given, True)


def made(
    given: HubSpotSettings, writable: Writable = WRITABLE, term: Term = YEAR, **there: str
) -> dict[str, str]:
    """What the deal of a term that ends in March 2028 is made with, after one of twelve months."""
    before = replace(contract(date(2027, 3, 31)), term=YEAR)
    after = replace(contract(date(2028, 3, 31)), term=term)
    new = NextDeal(deal(after), deal(before), record(dealname="Aoba Pro", **there))
    own = {KEY: "k", "renewals_health": "stable"}
    return renewal_values(new, ("care", "c_stable"), own, given, writable, OWNERS, TOKYO)


def test_close_date_and_what_the_account_lacks_are_never_written() -> None:
    values = made(settings(ends_on=CLOSE_DATE), closedate="2027-03-31T00:00:00Z")
    assert CLOSE_DATE not in values
    assert "renewals_health" not in values, "the account has no such property"
    assert (values[KEY], values["pipeline"], values["dealstage"]) == ("k", "care", "c_stable")


def test_a_day_in_a_property_of_instants_is_its_first_moment_in_the_accounts_zone() -> None:
    writable = replace(WRITABLE, types=PROPERTIES | {"until": INSTANT})
    assert made(settings(), writable)["until"] == "2028-03-30T15:00:00.000Z"
    assert made(settings())["until"] == "2028-03-31"


def test_a_length_is_the_deals_before_only_where_the_next_term_has_the_same() -> None:
    mapped = settings(term="months", segment="sector")
    same = made(mapped, months="1 year", sector="Retail")
    assert (same["months"], same["sector"]) == ("1 year", "Retail")
    assert "months" not in made(mapped, term=Term(24), months="1 year")


@pytest.mark.parametrize(("owner", "written"), [("71", "71"), ("72", None), ("99", None)])
def test_the_owner_is_the_one_before_if_they_are_still_there(
    owner: str, written: str | None
) -> None:
    assert made(settings(), hubspot_owner_id=owner).get(OWNER) == written


@pytest.mark.parametrize(
    ("place", "unwritable"),
    [
        ("", ""),
        ("until", ""),
        ("gone", "gone"),
        ("line_items/hs_end", "line_items/hs_end"),
        (CLOSE_DATE, CLOSE_DATE),
    ],
)
def test_an_end_that_is_read_must_be_possible_to_write(place: str, unwritable: str) -> None:
    assert unwritable_end(settings(ends_on=place), WRITABLE) == unwritable
