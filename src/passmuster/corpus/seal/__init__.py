"""The digests of a sealed holdout: the tree over its cases and the chain of its ledger."""
