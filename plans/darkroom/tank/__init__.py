"""The closed tank: everything that touches the bytes of an uploaded picture, run in a process of its own.

Nothing here imports the rest of the program, so the process starts light and holds nothing worth stealing.
"""
