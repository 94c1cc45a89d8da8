"""Calls to answers: asked for ahead, handed out in the order of the list. Knows no Singer."""
