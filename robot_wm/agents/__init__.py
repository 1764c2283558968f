"""Agents take instructions and choose actions. Each implements `robot_wm.control.agent.Agent`."""
