"""The doctor: each finding is a line, what is needed and missing is an exit status, and nothing makes it die."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from robot_wm.cli import doctor
from robot_wm.cli.doctor import Finding
from robot_wm.errors import RobotWMError


def with_checks(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    monkeypatch.setattr(doctor, "CHECKS", tuple(lambda found=found: found for found in findings))


def test_all_well_is_exit_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with_checks(
        monkeypatch, Finding("gl", True, "fine"), Finding("ports", False, "none", "plug it in", is_needed=False)
    )
    assert doctor.run([]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "ok       gl: fine",
        "note     ports: none",
        "         fix: plug it in",
    ]


def test_something_needed_missing_is_exit_2_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_checks(monkeypatch, Finding("gl", False, "none", "apt-get install x"), Finding("python", True, "3"))
    assert doctor.run([]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "missing  gl: none",
        "         fix: apt-get install x",
        "ok       python: 3",
        "",
        "robot-wm do cannot run yet: gl.",
    ]


@pytest.mark.parametrize(("args", "status"), [(["--help"], 0), (["--what"], 2)])
def test_usage(capsys: pytest.CaptureFixture[str], args: list[str], status: int) -> None:
    with pytest.raises(SystemExit) as ended:
        doctor.run(args)
    assert ended.value.code == status
    said = capsys.readouterr()
    assert "robot-wm doctor" in said.out + said.err


def test_an_arm_of_ones_own_is_checked_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with_checks(monkeypatch, Finding("gl", True, "fine"))
    assert doctor.run(["--arm", "mujoco"]) == 0
    assert "5 joints (shoulder_pan, " in capsys.readouterr().out
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("q_rest_rad: [0.0]\n")
    assert doctor.run(["--arm", str(wrong)]) == 2
    assert "q_rest_rad must have one angle for each of the 5 joint_names" in capsys.readouterr().out


def test_an_arm_that_its_servos_do_not_hold_up_is_noted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with_checks(monkeypatch)
    weak = tmp_path / "weak.yaml"
    weak.write_text("name: weak\nservo: {gain_n_m_rad: 4.0}\n")
    assert doctor.run(["--arm", str(weak)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"note     arm weak: .* sag by \d+ mm; grips and pushes may miss\n +fix: raise gain_n_m_rad", said)


def test_an_old_python_is_told_which_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "version_info", (3, 9, 1))
    assert doctor.check_python() == Finding(
        "python", False, "3.9.1; 3.11 to 3.13 are supported", "python3.11 -m venv .venv"
    )


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_PACKAGES", ("numpy", "no-such-package"))
    found = doctor.check_packages()
    assert not found.is_ok and found.detail == "not installed: no-such-package"


@pytest.mark.parametrize(("works", "through"), [("egl", "EGL"), ("osmesa", "OSMESA")])
def test_rendering_takes_egl_then_osmesa(monkeypatch: pytest.MonkeyPatch, works: str, through: str) -> None:
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    monkeypatch.setattr(doctor, "_try_gl", lambda backend: "" if backend == works else "no library")
    assert doctor.check_gl() == Finding("rendering", True, f"MuJoCo renders through {through}")


def test_without_any_gl_the_debian_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    monkeypatch.setattr(doctor, "_try_gl", lambda backend: "no library")
    found = doctor.check_gl()
    assert not found.is_ok
    assert found.detail == "EGL: no library; OSMESA: no library"
    assert found.fix == "apt-get install -y libegl1 libopengl0 libgl1-mesa-dri"
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert doctor.check_gl().fix == "apt-get install -y libosmesa6"


def test_a_backend_that_does_not_exist_fails_with_a_reason() -> None:
    assert doctor._try_gl("nothing") != ""


def dividing() -> Finding:
    return Finding(str(1 / 0), True, "")


def test_what_a_check_raises_becomes_a_finding() -> None:
    def broken() -> Finding:
        raise RobotWMError("the weights are foreign")

    assert doctor._never_raising("weights", "pip install x", broken)() == Finding(
        "weights", False, "the weights are foreign", "pip install x"
    )
    assert doctor._never_raising("sums", "", dividing)().detail == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(("groups", "is_ok"), [([20], True), ([7], False)])
def test_serial_ports_want_the_group_dialout(monkeypatch: pytest.MonkeyPatch, groups: list[int], is_ok: bool) -> None:
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(doctor.os, "getgroups", lambda: groups)
    monkeypatch.setattr(doctor.grp, "getgrnam", lambda name: SimpleNamespace(gr_gid=20))
    found = doctor.check_serial()
    assert found.is_ok is is_ok and not found.is_needed
    assert "dialout" in found.detail


def test_this_machines_own_findings_are_well_formed() -> None:
    for check in (doctor.check_python, doctor.check_packages, doctor.check_cpu, doctor.check_serial, doctor.check_arms):
        found = check()
        assert found.name and found.detail
        assert "GFLOP/s" in doctor.check_cpu().detail
