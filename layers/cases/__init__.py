"""Workflows applied: who may take which step of which case, and what it takes."""
