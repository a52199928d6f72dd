"""What every command shows and asks with: sentences, tables, files, questions, words."""
