"""Drivers: servo buses, arms of serial servos, their supervisor, cameras, and the bus emulator.

Layers, from low to high: bus; feetech, dynamixel; buses; arm; supervisor, emulator; station; commands.
"""
