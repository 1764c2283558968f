"""Evaluation: seeded episodes judged by the simulator, success rates with confidence intervals."""
