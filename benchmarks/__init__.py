"""What the tap costs, beside other ways to do the same: `make bench` writes RESULTS.md."""
