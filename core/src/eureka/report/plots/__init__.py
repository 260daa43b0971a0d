"""The plots of a run, as Plotly takes them: plain data. Our own words, ids and names of directories are in them, never a model's text."""
