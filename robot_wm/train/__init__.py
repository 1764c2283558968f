"""Resumable training of any model family. It takes a `Learner` and knows no family, no dataset and no model.

from robot_wm.train.run import train

checkpoint = train(learner, Path("runs/mine"), resume=False, on_log=print)
"""
