"""The forecast in a team's digest: a picture where something can draw, bars where not, one line on
Slack, nothing in a digest that an older version queued."""

import pytest

from scheduler.core.reports.pictures import Chart
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import Rendered
from scheduler.render.digest_samples import team
from scheduler.render.renderer import Drawing, TemplateRenderer
from tests.render.shipped import SHIPPED

LINES = {
    Language.EN: "commit ¥9,600,000 (+¥5,200,000 since last week), likely ¥8,400,000",
    Language.JA: "確実 ¥9,600,000(先週比 +¥5,200,000)・有望 ¥8,400,000",
}


def _drawn(chart: Chart, language: Language) -> bytes | None:
    """Stands in for what draws."""
    return f"{language} {len(chart.panels)}".encode()


def _told(
    language: Language, channel: ChannelName, draw: Drawing | None = None, **more: object
) -> Rendered:
    """The digest as it goes out."""
    facts = {"recipient": "Bob", **team(language), **more}
    found = TemplateRenderer(SHIPPED, draw=draw).render("team", facts, language, channel)
    assert not found.fallback_because
    return found


@pytest.mark.parametrize("language", list(Language))
def test_a_mail_shows_the_picture_that_was_drawn(language: Language) -> None:
    mail = _told(language, ChannelName.EMAIL, _drawn)
    assert [(p.name, p.png) for p in mail.pictures] == [("forecast", f"{language} 1".encode())]
    assert 'src="cid:forecast"' in mail.html
    assert LINES[language] in mail.html
    assert LINES[language] in mail.text


@pytest.mark.parametrize("draw", [None, lambda _chart, _language: None])
def test_where_nothing_draws_the_page_has_bars(draw: Drawing | None) -> None:
    mail = _told(Language.EN, ChannelName.EMAIL, draw)
    assert not mail.pictures
    assert "cid:" not in mail.html
    assert mail.html.count('width="42%"') == 1, "likely is 8.4 of 19.84 million"
    assert "now         ████████████▓▓▓▓▓▓▓▓▓▓▒░" in mail.text


@pytest.mark.parametrize("language", list(Language))
def test_slack_has_the_line_alone(language: Language) -> None:
    post = _told(language, ChannelName.SLACK, _drawn)
    assert LINES[language] in post.text
    assert "█" not in post.text
    assert not post.pictures


def test_without_a_forecast_nothing_is_said_or_drawn() -> None:
    mail = _told(Language.EN, ChannelName.EMAIL, _drawn, forecast=None)
    assert "Forecast until" not in mail.html + mail.text
    assert not mail.pictures
