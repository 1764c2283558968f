"""Instructions to goals: sentence encoder, readers, clause splitting, grounding, and generated training sentences."""
