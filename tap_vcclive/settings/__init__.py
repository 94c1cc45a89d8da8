"""What a run is given: its settings, declared, read, checked and typed; its catalog and state."""
