"""The command `renewals`: arguments in, tables and sentences out. The only place that prints."""
