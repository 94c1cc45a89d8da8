"""Which calls: the list they come from, and how far it has got."""
