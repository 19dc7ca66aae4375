"""Tests of `kl_utils.grading`: from what students hand in to what people read."""
