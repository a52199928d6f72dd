"""The command that shows a year of invented contracts."""
