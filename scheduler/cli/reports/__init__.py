"""`renewals report …`: one frame of filters, formats and definitions for all but `passage`, which
has forms of its own."""
