"""The shape of the project: its layers, its rooms, and files at the root that must agree."""
