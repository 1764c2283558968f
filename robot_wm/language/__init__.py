"""From what a person types to goals: sentence encoder, reader, splitting, grounding, and the wordings they learn from."""
