"""The set point between a servo's old goal and its new one: no faster and no more sudden than its registers say."""

import math


class Profile:
    """A set point in steps that travels to a goal with bounded speed and acceleration."""

    def __init__(self) -> None:
        self.position = 0.0  # steps
        self.velocity = 0.0  # steps/s

    def start(self, position: float) -> None:
        """Be at `position`, at rest."""
        self.position, self.velocity = position, 0.0

    def advance(self, goal: float, speed: float, acceleration: float, dt_s: float) -> None:
        """One step of time towards `goal`; `speed` in steps/s and `acceleration` in steps/s^2 may be infinite."""
        distance = goal - self.position
        braking = math.sqrt(2.0 * acceleration * abs(distance)) if acceleration < math.inf else math.inf
        wanted = math.copysign(min(speed, braking, abs(distance) / dt_s), distance)
        change = acceleration * dt_s if acceleration < math.inf else math.inf
        self.velocity = min(max(wanted, self.velocity - change), self.velocity + change)
        self.position += self.velocity * dt_s
        if abs(goal - self.position) < 1e-9:
            self.start(goal)

    def arrived(self, goal: float) -> bool:
        """Within half a step of `goal`."""
        return abs(goal - self.position) < 0.5
