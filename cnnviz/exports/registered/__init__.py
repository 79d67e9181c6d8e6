"""Formats that a run can be exported to: one file a format, found by themselves."""
