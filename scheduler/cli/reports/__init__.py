"""`renewals report …` over contracts and money: one frame of filters, formats and definitions."""
