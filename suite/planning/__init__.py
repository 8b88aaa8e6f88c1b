"""Before and beside a night: what it will take, which verdicts it allows, how far it has come."""
