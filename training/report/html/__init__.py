"""The report as one HTML page: words, tables and plots, all taken from the figures and the rows."""
