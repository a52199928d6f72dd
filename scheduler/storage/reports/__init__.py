"""What the reports read, one file of queries a report."""
