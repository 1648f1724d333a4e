"""Where editions go: folders and S3, mail, webhooks."""
