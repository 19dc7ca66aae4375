"""Every plot of the course, one module a chapter, so that a cell in a chapter is one line.

All functions return the matplotlib figure that they drew.
"""
