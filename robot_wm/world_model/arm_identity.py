"""The arm a checkpoint was trained for, and what in another arm differs from it. Knows no family of models."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from robot_wm.arm_description import ArmDescription

RANGE_SLACK_RAD = 0.02  # by which calibration may make a joint's range wider and it still counts as the same
Size = tuple[int, int]  # height, width in pixels


@dataclass(frozen=True)
class ArmIdentity:
    """What must agree between the arm of a checkpoint and the one it is opened on. Empty fields are not known."""

    n_joints: int
    kinematics: str  # `ArmDescription.kinematics_hash`
    joint_names: tuple[str, ...] = ()
    q_min_rad: tuple[float, ...] = ()
    q_max_rad: tuple[float, ...] = ()
    cameras: Mapping[str, Size] = field(default_factory=dict)  # by name

    @classmethod
    def of(cls, description: ArmDescription, cameras: Mapping[str, Size]) -> "ArmIdentity":
        """Return the identity of an arm with these cameras: (height, width) in pixels by name."""
        return cls(
            n_joints=description.n_joints,
            kinematics=description.kinematics_hash,
            joint_names=description.joint_names,
            q_min_rad=description.q_min_rad,
            q_max_rad=description.q_max_rad,
            cameras=dict(cameras),
        )


@dataclass(frozen=True)
class Difference:
    """One thing in which an arm is not the one of a checkpoint, in words."""

    words: str
    is_range: bool = False  # only a joint range is wider: the arm may be used at one's own risk


def differences(
    trained: ArmIdentity, arm: ArmDescription, cameras: Mapping[str, Size] | None = None
) -> list[Difference]:
    """Compare the arm of a checkpoint with another.

    Args:
        trained: The arm the checkpoint was trained for.
        arm: The arm it is opened on.
        cameras: Sizes (height, width) of that arm's cameras by name; None where they are not known yet.

    Returns:
        What differs; empty where the arms agree. Ranges narrower than trained are no difference.
    """
    if trained.n_joints != arm.n_joints:
        count = f"it is of an arm with {trained.n_joints} joints, and {arm.name!r} has {arm.n_joints}"
        return [Difference(count)]
    found = []
    if trained.joint_names and trained.joint_names != arm.joint_names:
        found.append(f"its joints are {', '.join(trained.joint_names)}, and here {', '.join(arm.joint_names)}")
    if trained.kinematics != arm.kinematics_hash:
        found.append(
            "the links, joint axes or tool point are not where they were in training "
            f"(kinematics {trained.kinematics[:12]}, here {arm.kinematics_hash[:12]})"
        )
    for name, size in ({} if cameras is None else trained.cameras).items():
        here = (cameras or {}).get(name)
        if here != size:
            seen = "missing" if here is None else f"{here[1]} x {here[0]}"
            found.append(f"camera {name!r} must give pictures of {size[1]} x {size[0]} pixels, and here it is {seen}")
    return [*map(Difference, found), *_ranges(trained, arm)]


def _ranges(trained: ArmIdentity, arm: ArmDescription) -> list[Difference]:
    """The joints whose ranges reach further than in training."""
    if not trained.q_min_rad:
        return []
    rows = zip(arm.joint_names, trained.q_min_rad, trained.q_max_rad, arm.q_min_rad, arm.q_max_rad, strict=True)
    return [
        Difference(
            f"joint {name!r} may go from {low_here:.3f} to {high_here:.3f}, trained {low:.3f} to {high:.3f}", True
        )
        for name, low, high, low_here, high_here in rows
        if low_here < low - RANGE_SLACK_RAD or high_here > high + RANGE_SLACK_RAD
    ]
