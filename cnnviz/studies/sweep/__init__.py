"""Sweeps and repeats: what does one setting do, and is the difference more than chance?

`suggestions` offers what to vary, `asked` makes the study of it, `measures`, `pairs` and `trend` say what
came out, `process` works on it in a process of its own. The study's folder is an ordinary one.
"""
