"""The commands, as a person runs them, and what only they use."""
