"""Factors of the WAM's loss terms in the total."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LossWeights:
    """One factor per loss term; the defaults trained the shipped checkpoint. Terms per camera share their factor."""

    # localisation of objects, from labels
    presence: float = 5.0  # presence of objects
    position: float = 1.0
    scale: float = 0.3  # expected position error
    scale_regularizer: float = 3.0  # of the logarithm in the scale's likelihood
    half_width: float = 1.0
    yaw: float = 0.2
    meant: float = 0.3  # colour and kind in a phrase
    named: float = 1.0  # colour and kind of a crop's object
    # one camera: attention maps and camera pose
    attention: float = 0.5
    landmark_attention: float = 0.2
    landmark_places: float = 5.0
    places: float = 10.0
    stand: float = 1.0  # deviation of the camera from its nominal pose
    # latents and pictures
    sigreg: float = 0.1  # of the scene's learned components
    sigreg_objects: float = 0.1  # of the objects' learned components
    decoder: float = 4.0
    dynamics: float = 1.0
    masked_dynamics: float = 0.3  # of windows with masked actions, relative to 1 for the others
    # actions and goals
    act: float = 1.0
    act_choice: float = 0.05
    act_scale: float = 0.1
    inverse: float = 0.5
    inverse_choice: float = 0.05  # inside `inverse`
    steps: float = 0.2
    wanted: float = 0.5
    picture: float = 0.1
