"""From what a person types to goals: sentence encoder, reader, splitting, grounding, and wordings to learn from."""
