"""The streams: one module a stream, below the base of all and one base a way of reading."""
