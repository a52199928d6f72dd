"""The closed words of the program with their labels, and how a text is kept until its reader's
language is known."""
