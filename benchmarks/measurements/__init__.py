"""The measurements: each takes a bench and returns a section of the results."""
