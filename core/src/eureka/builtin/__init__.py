"""The components core ships, found through the same entry points as anybody else's."""
