"""The loop that turns decisions into motion, on any arm and any clock. No torch in here."""
