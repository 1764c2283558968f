"""The arm that a checkpoint was trained for, and its differences from another arm. Knows no family of models."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from robot_wm.arm_description import ArmDescription

RANGE_SLACK_RAD = 0.02  # tolerance of joint ranges, for calibration
Size = tuple[int, int]  # height, width in pixels


@dataclass(frozen=True)
class ArmIdentity:
    """Properties that the arm in training and the arm in use must share. Empty fields are unknown."""

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
    """One difference between an arm and that of a checkpoint, in words."""

    words: str
    is_range: bool = False  # a wider joint range, which `force` overrides


def differences(
    trained: ArmIdentity, arm: ArmDescription, cameras: Mapping[str, Size] | None = None
) -> list[Difference]:
    """Compare the arm of a checkpoint with another.

    Args:
        trained: The arm the checkpoint was trained for.
        arm: The arm it is opened on.
        cameras: Sizes (height, width) of that arm's cameras by name; None if not known yet.

    Returns:
        All differences; empty if the arms agree. Ranges narrower than in training do not count.
    """
    if trained.n_joints != arm.n_joints:
        count = f"it was trained for an arm with {trained.n_joints} joints, but {arm.name!r} has {arm.n_joints}"
        return [Difference(count)]
    found = []
    if trained.joint_names and trained.joint_names != arm.joint_names:
        theirs, ours = (", ".join(each.joint_names) for each in (trained, arm))
        found.append(f"it was trained with joints {theirs}, but this arm has {ours}")
    if trained.kinematics != arm.kinematics_hash:
        found.append(
            "links, joint axes or tool point differ from those in training "
            f"(kinematics {trained.kinematics[:12]}, this arm {arm.kinematics_hash[:12]})"
        )
    for name, size in ({} if cameras is None else trained.cameras).items():
        here = (cameras or {}).get(name)
        if here != size:
            seen = "missing" if here is None else f"{here[1]} x {here[0]}"
            found.append(f"camera {name!r} must be {size[1]} x {size[0]} pixels, but is {seen}")
    return [*map(Difference, found), *_ranges(trained, arm)]


def _ranges(trained: ArmIdentity, arm: ArmDescription) -> list[Difference]:
    """Return the joints whose ranges extend beyond those in training."""
    if not trained.q_min_rad:
        return []
    rows = zip(arm.joint_names, trained.q_min_rad, trained.q_max_rad, arm.q_min_rad, arm.q_max_rad, strict=True)
    return [
        Difference(
            f"the range of joint {name!r} is {low_here:.3f} to {high_here:.3f}, in training {low:.3f} to {high:.3f}",
            True,
        )
        for name, low, high, low_here, high_here in rows
        if low_here < low - RANGE_SLACK_RAD or high_here > high + RANGE_SLACK_RAD
    ]
