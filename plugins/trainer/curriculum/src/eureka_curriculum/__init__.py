"""Trainer plugin for curricula."""
