"""From a file to a trusted herd: reader, quality, snapshot."""
