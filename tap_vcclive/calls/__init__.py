"""One call: its uuid, its month, where it is asked for. Knows no Singer."""
