"""Where published results come from: recipes, the runs that follow them, replays, and run cards."""
