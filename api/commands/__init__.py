"""The commands of `gridfield`, one module each; `api.cli` imports one when it runs."""
