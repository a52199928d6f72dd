"""The shape of mapping files: what a file of contracts or signals calls its columns and words."""
