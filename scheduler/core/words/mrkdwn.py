"""Slack's mrkdwn. Always holds: everything that reaches Slack as text and is not our own markup
went through `escaped` (Slack's page "Formatting text": escape & < >), so that a customer named
`<!channel>` calls nobody."""


def escaped(text: str) -> str:
    """Text that is no markup.

    >>> escaped("<!channel> & Sons")
    '&lt;!channel&gt; &amp; Sons'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
