"""The built book, as files and in a browser, and the extensions that make it. Its fixtures
build it once.
"""
