"""Closed forms, expectations, estimators, bounds and mixtures, against independent references."""
