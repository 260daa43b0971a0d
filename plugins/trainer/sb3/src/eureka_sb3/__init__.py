"""Trainer plugin for stable-baselines3."""
