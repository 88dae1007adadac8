"""What a judge's values are worth beside what people said of some of the same replies."""
