"""Studies: many runs with one question. Sweeps, repeats over seeds, and the recipes of the reports."""
