"""The checker of derivations and its typesetting: right proofs pass, wrong ones break where
they are wrong.
"""
