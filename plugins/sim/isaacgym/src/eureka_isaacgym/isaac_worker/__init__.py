"""The worker that trains in IsaacGym, for the user's own interpreter: Python 3.8 grammar, the standard library alone until it simulates."""
