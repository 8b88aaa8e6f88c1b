"""Pictures as png and svg."""
