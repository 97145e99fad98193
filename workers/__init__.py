"""The off-request door: thin jobs, one per kind of work item, and the only place that prints."""
