"""Feedback plugin for people in the loop."""
