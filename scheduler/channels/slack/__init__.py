"""Slack: posts through the Web API, and looks a post up again by its metadata.

api        one call, within a deadline, judged: not sent, unknown
addresses  which conversation an address means; conversations shared with another company are
           refused
posts      what a message looks like on the wire; which parts of it a conversation already holds
send       the channel
web        slack_sdk's client, which stays with its host
"""

from scheduler.channels.slack.send import SlackChannel

__all__ = ["SlackChannel"]
