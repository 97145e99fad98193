"""Starts, checks, restarts and stops the processes of one instance."""
