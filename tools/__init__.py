"""Programs for the work on this project; no part of what is installed."""
