"""The data of `passmuster init`: small, written for this purpose, made by seed."""
