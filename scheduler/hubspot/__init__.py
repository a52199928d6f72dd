"""HubSpot's API: calling it, reading all of an account, writing to it, making what we need there.

Always holds: nothing here decides what a change means (`scheduler.core.sync` does); what HubSpot
answers comes back as a value or as one of `errors`, and never with the token in it.
"""
