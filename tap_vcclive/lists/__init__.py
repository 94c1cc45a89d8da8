"""Lists that come in one answer: all of their rows, each run. Knows no Singer."""
