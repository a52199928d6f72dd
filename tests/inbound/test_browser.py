"""The pages in a real browser: a person answers, errs, corrects it, takes it back; nothing is wider
than a phone; nothing is blocked."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from scheduler.inbound.links import LESS, Link
from tests.inbound.browser import browsing, needs_browser, started
from tests.inbound.office import ANN_ID, CHIKA_ID, Site

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all: starting it takes longer than most of what is done in it."""
    with started() as browser:
        yield browser


def test_a_person_answers_errs_mends_and_takes_it_back(site: Site, browser: Browser) -> None:
    complaints: list[str] = []
    with browsing(browser) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"http://127.0.0.1:{site.port}{site.link('won', ANN_ID)}")
        page.get_by_label("Renewed amount").fill("a lot")
        page.get_by_label("Note").fill("signed today")
        page.get_by_role("button", name="Record: Renewed").click()
        assert page.get_by_text("Not an amount; write e.g. 3,600,000.").is_visible()
        assert page.get_by_label("Note").input_value() == "signed today"
        page.get_by_label("Renewed amount").fill("4,000,000")
        page.get_by_role("button", name="Record: Renewed").click()
        assert page.get_by_role("heading", name="Recorded").is_visible()
        assert site.the_deal()["stage"] == "won"
        page.get_by_role("button", name="Undo").click()
        assert page.get_by_role("heading", name="Taken back").is_visible()
        assert site.the_deal()["stage"] == "renewal_3m"
        page.get_by_role("link", name="Will renew").click()
        page.get_by_role("button", name="Record: Will renew").click()
        assert site.the_deal()["call"] == "renew"
    assert [c for c in complaints if "Content Security Policy" in c] == []


def test_the_browser_asks_for_a_reason_before_anything_is_sent(
    site: Site, browser: Browser
) -> None:
    with browsing(browser) as page:
        page.goto(f"http://127.0.0.1:{site.port}{site.link('lost', ANN_ID)}")
        page.get_by_role("button", name="Record: Lost").click()
        assert page.get_by_role("button", name="Record: Lost").is_visible()
        assert site.rows("answers") == []
        page.get_by_label("Main reason").select_option("budget")
        page.get_by_role("button", name="Record: Lost").click()
    assert site.the_deal()["stage"] == "lost"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("offer", ["lost", "won", "snooze"])
def test_a_page_fits_a_phone_and_its_style_is_let_through(
    site: Site, browser: Browser, scheme: Literal["light", "dark"], offer: str
) -> None:
    with browsing(browser, width=360, scheme=scheme, locale="ja-JP") as page:
        page.goto(f"http://127.0.0.1:{site.port}{site.link(offer, CHIKA_ID, 'C-2')}")
        right = page.locator("main *:visible").evaluate_all(
            "elements => elements.map(element => element.getBoundingClientRect().right)"
        )
        assert max(right) <= 360
        button = page.get_by_role("button").bounding_box()
        assert button is not None
        assert button["height"] >= 48


def test_somebody_chooses_to_hear_once_a_week(site: Site, browser: Browser) -> None:
    with browsing(browser, locale="ja-JP") as page:
        page.goto(f"http://127.0.0.1:{site.port}/less/{site.links.token(LESS, Link(CHIKA_ID))}")
        page.get_by_label("週1回").check()
        page.get_by_role("button", name="この頻度にする").click()
        assert page.get_by_role("heading", name="週1回にしました").is_visible()
    assert site.rows("people")[CHIKA_ID - 1]["pace"] == "weekly"
