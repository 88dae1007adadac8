"""From passmuster.yaml to typed settings and open adapters: the only part that opens adapters."""
