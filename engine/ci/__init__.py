"""What a pipeline reads: test reports, findings on lines, patches, summaries and annotations."""
