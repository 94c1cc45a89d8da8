"""Every fault of the sandbox, in every stream, once, now and then, always."""
