"""Video for people: side-by-side pages, written as mp4 or GIF. Knows no model, arm or simulator."""
