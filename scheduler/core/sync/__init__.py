"""What keeping in step with HubSpot means: their values, records, stages and histories read as
ours, and what is written there. Pure; `scheduler.hubspot` speaks to the account.

Always holds: what wins is decided property by property, on HubSpot's own clock; what cannot be
read is said by name, never guessed.
"""
