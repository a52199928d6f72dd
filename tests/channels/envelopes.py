"""Envelopes for the tests of channels."""

from typing import Any

from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import Envelope, Rendered

SUBJECT = "【要確認】青葉商事様 契約更新3か月前(期限1/29)"


def section(text: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def to_slack(
    address: str = "U0ANN", *posts: str, key: str = "k1", subject: str = SUBJECT
) -> Envelope:
    """A message with one post for each text."""
    blocks = tuple((section(text),) for text in posts or ("満了 2027/3/31(水)",))
    return Envelope(
        key, ChannelName.SLACK, address, Language.JA, Rendered(subject, "text", blocks=blocks)
    )


def to_mail(
    address: str = "ann@example.com", *, key: str = "k1", subject: str = SUBJECT, **more: Any
) -> Envelope:
    """A mail in text and HTML; one line of the text is a lone dot."""
    rendered = Rendered(
        subject,
        more.pop("text", "満了 2027/3/31(水)\n.\n"),
        more.pop("html", "<p>満了</p>"),
        pictures=more.pop("pictures", ()),
    )
    return Envelope(key, ChannelName.EMAIL, address, Language.JA, rendered, **more)
