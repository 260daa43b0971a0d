"""Gymnasium's classic control stepped as arrays, all rows at once."""
