"""How something leaves this machine: to web addresses, checked and pinned, and to mail servers."""
