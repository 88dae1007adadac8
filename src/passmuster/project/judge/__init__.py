"""Judges of a project: calibrated, watched for drift, compared with one another."""
