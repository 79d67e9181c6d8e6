"""Clickable parts that several pages share; each is one custom component with its script and style."""
