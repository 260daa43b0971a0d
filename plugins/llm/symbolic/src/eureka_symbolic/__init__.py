"""Generator that designs rewards without a model."""
