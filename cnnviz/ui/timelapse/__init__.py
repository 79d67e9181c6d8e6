"""The look Time-lapse: what a run kept of itself after each epoch."""
