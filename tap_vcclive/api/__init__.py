"""One GET to VCC Live and its answer. Knows no Singer."""
