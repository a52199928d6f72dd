"""A working folder made into a running program: joined, made ready, checked, edited."""
