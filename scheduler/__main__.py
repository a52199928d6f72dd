"""`python -m scheduler` is the same command as `renewals`. Nothing is imported before it is run."""

if __name__ == "__main__":
    from scheduler.cli.main import main

    main()
