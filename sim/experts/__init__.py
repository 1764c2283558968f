"""Scripted experts on the simulator's state, one file for each kind of skill; `sim.skills` binds them to skills."""
