"""What a user would pick instead of ours: one script each, run as a whole process.

In the folder `workers` are those that a replay asks again and again.
"""
