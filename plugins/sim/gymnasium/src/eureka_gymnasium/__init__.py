"""Simulator plugin for Gymnasium environments."""
