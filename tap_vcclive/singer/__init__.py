"""The Singer SDK where it is replaced or guarded: messages, batches, catalogs, stream maps."""
