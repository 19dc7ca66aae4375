"""Where published results come from: recipes, the runs that follow them, replays, and run cards.

What decides whether something published still belongs to the code belongs here. ``replays``,
``runs`` and ``recipes`` need nothing else of the project than ``kl_utils``: copies of both can be
replayed in their place.
"""
