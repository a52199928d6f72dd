"""Stories: contracts and people on dates, and what must be true on which day. A person writes them
as data, and every engine runs them."""
