"""Where programs that score replies are run: apart from this machine's network, files and processes."""
