"""Laws of the servos, on one hinge: steps, latency, speed, torque, dead band and restored states."""

import mujoco
import numpy as np
import pytest

from robot_wm.errors import ConfigError
from sim.motor import MotorConfig
from sim.servo import BLOCK_S, STEP_S, ServoConfig, Servos, ServoTrim, add_servo, quantised

HINGE = """<mujoco><option gravity="0 0 0"/><worldbody><body name="link"><joint name="hinge" axis="0 1 0"/>
<geom type="capsule" fromto="0 0 0 0.1 0 0" size="0.01" mass="0.1"/></body></worldbody></mujoco>"""


class Rig:
    """One servo on one hinge."""

    def __init__(self, config: ServoConfig, trim: ServoTrim | None = None) -> None:
        spec = mujoco.MjSpec.from_string(HINGE)
        spec.option.timestep = STEP_S
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        add_servo(spec, spec.joint("hinge"), config)
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.servos = Servos(self.model, self.data, ("hinge",), (config,))
        if trim is not None:
            self.servos.trim(trim)
        self.servos.hold(np.zeros(1))

    def blocks(self, count: int) -> list[float]:
        """Run so many blocks; the set point (what the motor feels) in each."""
        felt = []
        for _ in range(count):
            self.servos.before_block()
            felt.append(float(self.data.ctrl[0]))
            mujoco.mj_step(self.model, self.data, nstep=round(BLOCK_S / STEP_S))
        return felt

    @property
    def q(self) -> float:
        return float(self.data.qpos[0])


def test_a_command_is_rounded_to_the_servos_steps_and_reached() -> None:
    rig = Rig(ServoConfig())
    sent = rig.servos.command(np.array([0.5]))[0]
    step = 2 * np.pi / 4096
    assert sent != 0.5 and abs(sent - 0.5) <= step / 2
    assert sent / step == pytest.approx(round(sent / step))
    rig.blocks(100)
    assert rig.q == pytest.approx(sent, abs=2e-3)


def test_readings_come_in_steps() -> None:
    rig = Rig(ServoConfig())
    rig.data.qpos[0], rig.data.qvel[0] = 0.12345, 0.77777
    for reading in (rig.servos.angles()[0], rig.servos.speeds()[0]):
        assert reading * 4096 / (2 * np.pi) == pytest.approx(round(reading * 4096 / (2 * np.pi)))


def test_without_steps_the_encoder_is_continuous() -> None:
    np.testing.assert_array_equal(quantised(np.array([0.12345]), np.array([0.0])), [0.12345])


@pytest.mark.parametrize(("latency_s", "blocks"), [(0.0, 0), (0.04, 2), (0.2, 10)])
def test_a_command_takes_effect_after_the_latency(latency_s: float, blocks: int) -> None:
    rig = Rig(ServoConfig(latency_s=latency_s))
    rig.servos.command(np.array([0.5]))
    felt = rig.blocks(blocks + 1)
    assert felt[:blocks] == [0.0] * blocks
    assert felt[blocks] > 0.0


def test_a_trim_adds_to_the_latency() -> None:
    rig = Rig(ServoConfig(latency_s=0.02), ServoTrim(extra_latency_s=0.04))
    rig.servos.command(np.array([0.5]))
    assert np.count_nonzero(rig.blocks(4)) == 1


def test_too_long_a_latency_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"latency_s must be within 0 and 0\.2, received 0\.5"):
        ServoConfig(latency_s=0.5)


def test_the_set_point_moves_no_faster_than_the_servo() -> None:
    rig = Rig(ServoConfig(speed_rad_s=2.0))
    rig.servos.command(np.array([1.0]))
    felt = [0.0, *rig.blocks(40)]
    assert np.diff(felt).max() == pytest.approx(2.0 * BLOCK_S)
    assert felt[-1] == pytest.approx(1.0, abs=2e-3)


def test_the_motor_is_no_stronger_than_its_stall_torque() -> None:
    rig = Rig(ServoConfig(gain_n_m_rad=1000.0, force_n_m=1.5, speed_rad_s=100.0))
    rig.servos.command(np.array([1.0]))
    rig.blocks(1)
    assert rig.servos.efforts()[0] == pytest.approx(1.5)


def test_a_weaker_gain_follows_later() -> None:
    reached = []
    for factor in (0.5, 1.0, 2.0):
        rig = Rig(ServoConfig(), ServoTrim(gain_factor=factor))
        rig.servos.command(np.array([0.5]))
        rig.blocks(6)
        reached.append(rig.q)
    assert reached == sorted(reached) and reached[0] < reached[-1] - 0.02


def test_an_error_within_the_dead_band_causes_no_torque() -> None:
    rig = Rig(ServoConfig(dead_band_rad=0.02))
    rig.servos.command(np.array([0.015]))
    rig.blocks(50)
    assert rig.q == pytest.approx(0.0, abs=1e-6)
    rig.servos.command(np.array([0.5]))
    rig.blocks(100)
    assert rig.q == pytest.approx(0.48, abs=6e-3)


def test_a_restored_state_continues_identically() -> None:
    rig = Rig(ServoConfig(latency_s=0.06))
    rig.servos.command(np.array([0.7]))
    rig.blocks(2)
    memory, qpos, qvel = rig.servos.state(), rig.data.qpos.copy(), rig.data.qvel.copy()
    first = rig.blocks(10)
    rig.servos.set_state(memory)
    rig.data.qpos[:], rig.data.qvel[:] = qpos, qvel
    assert rig.blocks(10) == first


def test_a_motor_whose_torque_falls_with_speed_takes_longer() -> None:
    reached = []
    for no_load_rad_s in (0.0, 5.2, 1.5):
        rig = Rig(ServoConfig(speed_rad_s=100.0, motor=MotorConfig(no_load_speed_rad_s=no_load_rad_s)))
        rig.servos.command(np.array([1.0]))
        rig.blocks(20)
        assert rig.data.qvel[0] < 1.6 or no_load_rad_s != 1.5
        reached.append(rig.q)
    assert reached == sorted(reached, reverse=True) and reached[-1] < reached[0] - 0.05


def test_a_blocked_servo_is_cut_back_and_recovers_when_reversed() -> None:
    rig = Rig(ServoConfig(gain_n_m_rad=100.0, motor=MotorConfig(overload_s=0.5)))
    rig.model.dof_frictionloss[0] = 50.0  # a hand holds it
    rig.servos.command(np.array([0.3]))
    rig.blocks(15)
    assert rig.servos.efforts()[0] == pytest.approx(2.9)
    rig.blocks(25)
    assert rig.servos.efforts()[0] == pytest.approx(0.2 * 2.9)
    rig.servos.command(np.array([-0.3]))
    rig.blocks(20)
    assert rig.servos.efforts()[0] == pytest.approx(-2.9)


def test_an_overload_continues_identically_from_a_restored_state() -> None:
    rig = Rig(ServoConfig(gain_n_m_rad=100.0, motor=MotorConfig(overload_s=0.3)))
    rig.model.dof_frictionloss[0] = 50.0
    rig.servos.command(np.array([0.3]))
    rig.blocks(14)
    memory, physics = rig.servos.state(), rig.data.qpos.copy()

    def efforts() -> list[float]:
        return [(rig.blocks(1), float(rig.servos.efforts()[0]))[1] for _ in range(12)]

    first = efforts()
    assert first[0] == pytest.approx(2.9) and first[-1] == pytest.approx(0.58)
    rig.servos.set_state(memory)
    rig.data.qpos[:], rig.data.qvel[:] = physics, 0.0
    rig.data.actuator_force[:] = 2.9
    assert efforts() == pytest.approx(first, abs=1e-6)


def test_backlash_is_play_behind_the_encoder() -> None:
    rig = Rig(ServoConfig(backlash_rad=0.04))
    assert rig.model.jnt_range[1] == pytest.approx([-0.02, 0.02])
    rig.servos.command(np.array([0.5]))
    rig.blocks(100)
    assert rig.q == pytest.approx(0.5, abs=2e-3)  # what is measured is where it was sent
    for push_n_m, side in ((0.05, 1.0), (-0.05, -1.0)):
        rig.data.qfrc_applied[1] = push_n_m
        rig.blocks(50)
        assert rig.data.qpos[1] == pytest.approx(side * 0.02, abs=3e-3)
    assert rig.q == pytest.approx(0.5, abs=5e-3)


def test_without_backlash_there_is_no_loose_joint() -> None:
    assert Rig(ServoConfig()).model.njnt == 1
