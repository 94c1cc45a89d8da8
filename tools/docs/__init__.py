"""Writes what people read about settings and fields out of the code: `make docs`."""
