"""Measured success: episodes by seed, judged by the simulator, with intervals."""
