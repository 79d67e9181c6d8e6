"""Published reports, reproduced: recipes of their experiments, claims, verdicts and drawings."""
