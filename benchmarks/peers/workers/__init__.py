"""Other packages' recommenders in the replay: processes, each in its own environment.

They import the standard library, numpy, scipy and their own package, and nothing of ours but what
stands in this folder.
"""
