"""Stories: one life of contracts and people on dates, and what must be true on which day. Data that
a person writes; lived by every engine."""
