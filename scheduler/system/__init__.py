"""The machine underneath: its clock, environment, files, signals, logs and systemd. Knows nothing
of renewals."""
