"""The control loop, on any arm and clock. Imports no torch."""
