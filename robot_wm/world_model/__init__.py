"""World models behind one protocol; `WAM` is this project's own."""
