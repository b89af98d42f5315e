"""The architect that asks no model: profiles of projects, rules with their reasons, and the arithmetic of a load."""
