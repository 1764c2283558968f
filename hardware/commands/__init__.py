"""The verb `robot-wm arm`: one file a word."""
