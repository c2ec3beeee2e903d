"""What a user would pick instead of ours: one script each, run as a whole process."""
