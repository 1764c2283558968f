"""Agents: whatever takes instructions and decides. Each implements `robot_wm.control.agent.Agent`."""
