"""A model of many nights: what is lost at the end, whatever happens in them."""
