"""The chapters and pages, read from their files: notebooks, words and formulas, numbered equations.

Nothing here runs a chapter, or knows how its outputs came about.
"""
