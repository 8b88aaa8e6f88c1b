"""The configuration of an experiment: its schema, reading it, explaining its mistakes, grids of it."""
