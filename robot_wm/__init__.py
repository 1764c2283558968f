"""robot_wm: a robot-arm control stack that plans in the latent space of a World Action Model."""

__version__ = "0.1.0"
