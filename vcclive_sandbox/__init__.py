"""A stand-in for VCC Live over HTTP: the same resources, invented calls, every fault on demand."""
