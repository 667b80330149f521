"""What stands between the client and the network: pools, proxies, limits, and what may not be reached."""
