"""Reports: what each number means, what a report is asked for, and the sums of each report."""
