"""Every statistical promise of passmuster as a seeded simulation, and the same tests on one's own trials.

Each simulation draws data whose truth is known, applies the function that passmuster itself uses, and counts how often
it errs; the usual shortcut is applied to the same data. `selfcheck` and the slow tests run these very functions.
"""
