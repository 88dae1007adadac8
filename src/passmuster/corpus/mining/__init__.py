"""Hard cases in traffic: why a record is worth a look."""
