import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robot_wm.world_model.wam.camera_geometry import View, rotation_of
from tests.world_model.toy import OVERVIEW, TINY

small = st.floats(-0.02, 0.02)
joints = st.tuples(*[st.floats(-0.6, 0.6)] * 5)


def test_a_place_seen_comes_back_from_the_plane_it_lies_in() -> None:
    view = OVERVIEW.view(torch.zeros(1, 1))
    points = torch.tensor([[[0.2, 0.1, 0.02], [0.12, -0.08, 0.02], [0.25, 0.0, 0.06]]])
    ground, slope = view.at_height(view.project(points), 0.02)
    assert torch.allclose(ground + slope * (points[..., 2:] - 0.02), points[..., :2], atol=1e-5)


def test_what_the_camera_looks_at_is_in_the_middle_and_up_is_up() -> None:
    view = OVERVIEW.view(torch.zeros(1, 1))
    places = view.project(torch.tensor([[OVERVIEW.at_m, (0.135, 0.0, 0.1)]]))[0]
    assert torch.allclose(places[0], torch.zeros(2), atol=1e-6)
    assert places[1, 1] < -0.05


@given(small, small, small)
@settings(max_examples=20, deadline=None)
def test_a_deviation_is_what_moves_one_view_to_the_other(x: float, y: float, z: float) -> None:
    view = OVERVIEW.view(torch.zeros(1, 1))
    shift, turn = torch.tensor([[x, y, z]]), torch.tensor([[z, x, y]])
    moved = view.moved(shift, turn)
    found = view.offset_of(moved.position, moved.rotation)
    assert torch.allclose(found[0], shift, atol=1e-6) and torch.allclose(found[1], turn, atol=1e-4)


@given(joints)
@settings(max_examples=20, deadline=None)
def test_the_camera_on_the_arm_turns_with_it(q: tuple[float, ...]) -> None:
    posture = TINY.mount.pose(torch.tensor([q]))
    assert isinstance(posture.camera, View)
    rotation = posture.camera.rotation[0]
    assert torch.allclose(rotation @ rotation.T, torch.eye(3), atol=1e-5)
    there = posture.camera.project(posture.landmarks)[0, 0]
    rest = TINY.mount.pose(torch.zeros(1, 5))
    assert torch.allclose(there, rest.camera.project(rest.landmarks)[0, 0], atol=1e-4)  # the tool never moves in it


def test_a_rotation_vector_is_the_axis_times_the_angle() -> None:
    quarter = rotation_of(torch.tensor([[0.0, 0.0, torch.pi / 2]]))[0]
    assert torch.allclose(quarter @ torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0]), atol=1e-6)
