"""Sweeps and repeats: what does one setting do, and is the difference more than chance?

`sweep_question` makes the study, `sweep_job` trains it, `sweep_results` says what came out as data,
`sweep_shown` in words, as points of figures and as CSV.
"""
