"""Motion profile of a servo: moves the set point to the goal with the speed and acceleration in its registers."""

import math


class Profile:
    """A set point, in steps, that moves to a goal with bounded speed and acceleration."""

    def __init__(self) -> None:
        self.position = 0.0  # steps
        self.velocity = 0.0  # steps/s

    def start(self, position: float) -> None:
        """Set the set point to `position`, at rest."""
        self.position, self.velocity = position, 0.0

    def advance(self, goal: float, speed: float, acceleration: float, dt_s: float) -> None:
        """Advance by `dt_s` towards `goal`; `speed` in steps/s and `acceleration` in steps/s^2 may be infinite."""
        distance = goal - self.position
        braking = math.sqrt(2.0 * acceleration * abs(distance)) if acceleration < math.inf else math.inf
        wanted = math.copysign(min(speed, braking, abs(distance) / dt_s), distance)
        change = acceleration * dt_s if acceleration < math.inf else math.inf
        self.velocity = min(max(wanted, self.velocity - change), self.velocity + change)
        self.position += self.velocity * dt_s
        if abs(goal - self.position) < 1e-9:
            self.start(goal)

    def arrived(self, goal: float) -> bool:
        """Return whether the set point is within half a step of `goal`."""

        return abs(goal - self.position) < 0.5
