"""A proxy on loopback between a pipeline and the models that it asks."""
