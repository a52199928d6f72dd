"""Pictures of reports, by the library matplotlib, which is an extra: one module says what may be
drawn with what is installed, the others draw."""
