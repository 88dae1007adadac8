"""The production readiness checklist, item by item, from facts that were looked up."""
