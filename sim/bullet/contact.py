"""Contact parameters of PyBullet bodies: collision masks, friction and stiffness.

MuJoCo combines two frictions by their maximum, PyBullet by their product. Fixed things get 1, so that a thing's own
friction counts on the table; the arm gets its friction divided by that of an average thing.
"""

from collections.abc import Sequence

from sim.arm_model import ARM, FIXED, MOVABLE
from sim.bullet.client import Client
from sim.bullet.shapes import Shape

_MEETS = {FIXED: MOVABLE | ARM, MOVABLE: FIXED | MOVABLE | ARM, ARM: MOVABLE | FIXED}
_THING_FRICTION = 0.7  # the middle of SceneConfig.friction
_SKIN_N_M = 10_000.0  # about as compliant as in MuJoCo: half a millimetre a finger in a grasp
_SKIN_DAMPING_N_S_M = 50.0


def set_contact(client: Client, body: int, link: int, shapes: Sequence[Shape]) -> None:
    """Give one link (-1: the base) the friction and the collision bits of its shapes."""
    client.changeDynamics(body, link, linearDamping=0.0, angularDamping=0.0, restitution=0.0)
    solid = [shape for shape in shapes if shape.collides]
    if not solid:
        return
    group = max(shape.group for shape in solid)
    client.setCollisionFilterGroupMask(body, link, group, _MEETS[group])
    sliding, torsional_m, rolling_m = max((shape.friction.tolist() for shape in solid), key=lambda each: each[0])
    client.changeDynamics(body, link, lateralFriction=_scaled_friction(group, sliding))
    client.changeDynamics(body, link, spinningFriction=torsional_m, rollingFriction=rolling_m)
    if group == ARM:
        client.changeDynamics(body, link, contactStiffness=_SKIN_N_M, contactDamping=_SKIN_DAMPING_N_S_M)


def _scaled_friction(group: int, friction: float) -> float:
    """Return the friction with which PyBullet's product is about MuJoCo's maximum."""
    return {FIXED: 1.0, MOVABLE: friction, ARM: friction / _THING_FRICTION}[group]
