"""Logs replayed with a verdict: the same decisions, the same simulation, the same motion; and what would have been."""
