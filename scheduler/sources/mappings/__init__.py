"""Which column of a file is which of our fields: mapping files, and a guess where there is none."""
