"""The outside world: everything here does input or output behind a port."""
