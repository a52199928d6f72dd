"""`python -m scheduler` is the same command as `renewals`. Nothing is imported before it is run."""

if __name__ == "__main__":
    import sys

    from scheduler.cli.main import main

    sys.exit(main())
