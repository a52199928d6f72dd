"""`python -m scheduler` is the same as `renewals`."""

import sys

from scheduler.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
