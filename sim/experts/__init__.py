"""Experts that see the simulator's state, one file for each kind of skill; `sim.skills` binds them to skills."""
