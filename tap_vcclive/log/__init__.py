"""The call log: which days of it are read, page by page, until none of their calls is lacking."""
