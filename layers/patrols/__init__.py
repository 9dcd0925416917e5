"""Patrols: where people walked, and how much of the roads was walked by anybody."""
