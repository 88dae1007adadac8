"""For CI: run what is missing, compare, and exit 0 decided, 1 none passes, 3 undecided, 4 incomplete."""

import sys

import passmuster

project = passmuster.open_project()
end = passmuster.run(project)
comparison = passmuster.compare(project)
print(comparison.decision.reason)
sys.exit(passmuster.exit_code(comparison, end))
