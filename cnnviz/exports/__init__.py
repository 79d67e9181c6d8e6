"""What can be taken home of a run: files for people, for other tools, and for another cnnviz.

`export(directory, "script", folder)` writes one format; `EXPORTS` lists all of them.
"""

from cnnviz.exports.entry import EXPORTS, ExportFormat, export, export_experiment, export_together
from cnnviz.registry import discover

discover("cnnviz.exports.registered")

__all__ = ["EXPORTS", "ExportFormat", "export", "export_experiment", "export_together"]
