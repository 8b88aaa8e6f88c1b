"""The page report.html."""
