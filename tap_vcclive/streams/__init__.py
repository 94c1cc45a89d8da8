"""The streams, one module a family of VCC Live's resources."""
