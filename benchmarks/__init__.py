"""Measurements, each a ratio or a bound within one run on one machine: `make bench`.

A measurement is a function that yields Figures, named in `__main__`. Nothing here is asserted; tests never
look at the clock.
"""
