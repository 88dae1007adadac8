"""HTTP/1.1 as language-model endpoints need it: connections, one call, its account and its limits."""
