"""The queries of sweeps, listings and sheets."""
