"""Keeping in step with HubSpot, in the database."""
