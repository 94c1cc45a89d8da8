"""The list of calls to fetch one by one: its files, its rows, its place from run to run."""
