"""Logs that tell the truth: recorded beside the loop, read back bit by bit. docs/logs.md says what is in one."""
