"""Tests of `kl_utils.exercises`: what an answer earns, and what does not earn it."""
