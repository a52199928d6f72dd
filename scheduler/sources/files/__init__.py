"""Any file people keep their lists in, opened as a table: CSV, Excel, OpenDocument."""
