"""Local models that make embeddings."""
