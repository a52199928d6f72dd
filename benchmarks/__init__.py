"""One module per figure, each against a baseline of the same run: `python -m benchmarks.NAME`. Not
part of the installed program."""
