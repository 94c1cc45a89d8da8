"""One run of each stream: what is fetched, in which order, and when it counts. Knows no Singer."""
