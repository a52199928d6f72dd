"""Their values, records and histories, and what is made of them."""
