"""Changes of single features: edited, drawn anew, taken back, become something else."""
