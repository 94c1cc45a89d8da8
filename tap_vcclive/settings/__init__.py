"""The settings: declared, read from wherever people write them, checked, and typed."""
