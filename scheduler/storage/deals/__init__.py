"""The queries of sweeps, listings, sheets and reports."""
