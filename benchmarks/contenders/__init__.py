"""The contenders: the tap, and other ways to read the same calls and write the same records."""
