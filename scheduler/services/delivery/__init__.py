"""Messages: formed, sent, settled after a doubt, refreshed, held back and let go.

What happens when Slack does not answer, file by file:
    channels.slack.api          makes the call once, within a deadline, and judges what came of it
                                by `core.messages.faults`: `NotSent` where it certainly did not
                                arrive, `Unknown` where nobody knows
    deliver                     records either (`_record`); the message is queued again at growing
                                intervals, or it is `unknown` (`core.messages.states`)
    channel_pauses              a failure that is the channel's pauses Slack for all workers
                                (`core.messages.circuit_breaker` says when); what waits goes the
                                reader's other way, the admins are told by `alerts`, and one message
                                at a time probes whether Slack works again
    recover                     looks up a message that is `unknown`, by its key, in Slack's history
                                (`channels.slack.send`, `channels.slack.posts`): found is sent,
                                certainly absent is queued again; never sent blindly
    alerts                      tell the admins what could not be settled: in doubt after 6 hours
    resending                   sends again what could reach nobody, once a person has fixed the
                                cause
A post that is to show an answer and meets the same is tried again by `refresh`; a mail that gets no
answer takes the same way, but is sent once more instead of being looked up.
"""
