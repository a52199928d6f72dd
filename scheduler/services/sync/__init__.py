"""Keeping in step with HubSpot."""
