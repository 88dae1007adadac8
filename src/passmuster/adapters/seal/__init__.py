"""The sealed holdout: encryption to a custodian, and the ledger of its openings."""
