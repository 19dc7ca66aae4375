"""Helpers, not tests, that several rooms use."""
