"""Arrays in, figures out: plotly figures, and sprites of many small images. No run is loaded here."""
