"""Measurements, each a ratio or a bound within one run on one machine: `make bench`.

One file a measurement: a function `measure()` that yields Figures. Nothing here is asserted; tests never
look at the clock.
"""
