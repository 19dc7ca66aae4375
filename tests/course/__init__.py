"""The chapters and pages as their authors wrote them: conventions, equations, notation,
figures. None is run.
"""
