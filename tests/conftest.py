"""What every test shares: tensor shapes are checked at run time, and threads are few so that tests run side by side."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "2")  # before torch and numpy are imported

from hypothesis import settings
from jaxtyping import install_import_hook

# Shapes in annotations (jaxtyping) are checked on every call while testing; users do not pay for it.
install_import_hook(["robot_wm.world_model", "robot_wm.train"], "beartype.beartype")

settings.register_profile("busy", deadline=None)  # a busy machine is slow now and then, which is no error
settings.load_profile("busy")
