"""The problem sets: what is handed out, and what is checked before that."""
