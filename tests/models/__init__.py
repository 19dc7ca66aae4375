"""What trains and is trained: data, networks, priors, the loop, checkpoints, evaluation,
published weights.
"""
