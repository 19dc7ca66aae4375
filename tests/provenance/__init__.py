"""What is published still belongs to the code beside it: replays, run cards, outputs of
notebooks.
"""
