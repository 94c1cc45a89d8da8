"""The JSON schemas of the streams, one file a stream, written by hand from the API's fields."""
