"""The way from VCC Live to the database with nothing left out but VCC Live itself."""
