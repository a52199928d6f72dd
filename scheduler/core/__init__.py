"""Pure renewal logic: values and functions of them. Told the time, never asks for it; no input or
output."""
