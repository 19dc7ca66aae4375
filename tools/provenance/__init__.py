"""Where published results come from: recipes, the runs that follow them, replays, and run cards.

What decides whether something published still belongs to the code belongs here. A copy of this
package beside one of ``kl_utils`` can replay a run; so it needs nothing else of the project, but
for ``comparisons``, which reads notebooks.
"""
