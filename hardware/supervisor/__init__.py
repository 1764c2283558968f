"""The supervisor: a small process of its own that owns the arm's port and outlives the program that commands it."""
