"""The call log: its days, page by page, until none of their calls is lacking. Knows no Singer."""
